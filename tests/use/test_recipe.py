"""Recipes in pictures: there and back, and nothing else gets in."""

import json
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from kerasnotes.base.errors import StorageError
from kerasnotes.contracts.generation import Request
from kerasnotes.figures.sample_grid import save_png
from kerasnotes.use.recipe import (
    KEY,
    Recipe,
    RecordedRequest,
    backend_of,
    read_recipe,
)
from tests.cli.samples import png_header

pytestmark = pytest.mark.once
RECIPE = Recipe(
    run="ckpts/ddpm",
    weights="a" * 64,
    note="ddpm",
    asked=RecordedRequest(count=64, seed=3, label=7, steps=20, guidance=2.0),
    label="seven",
    used={"sampler": "dpmpp_2m", "steps": 20, "eta": None, "clip": True},
    result="b" * 64,
    versions={"backend": "tensorflow", "precision": "float32"},
)


def write(path, text, kind="png"):
    save_png(np.zeros((4, 4), "uint8"), path, {KEY: text})
    return path


def changed(**fields):
    return json.dumps({**json.loads(RECIPE.model_dump_json()), **fields})


def with_request(**fields):
    return changed(asked={"count": 4, **fields})


def test_there_and_back(tmp_path):
    path = tmp_path / "a.png"
    save_png(np.zeros((4, 4), "uint8"), path, RECIPE.text())
    recipe = read_recipe(path)
    assert recipe == RECIPE
    assert recipe.request() == Request(
        64, seed=3, label=7, steps=20, guidance=2.0
    )
    assert recipe.request(seed=9, frames=11).seed == 9


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "{}",
        "[" * 30_000,
        "{" * 70_000,
        changed(format=2),
        changed(extra=1),
        changed(weights="../../etc/passwd"),
        changed(run=""),
        changed(run="a\x1b[2Jb"),
        changed(run=5),
        changed(note="x" * 300),
        changed(used={"a": {"b": 1}}),
        changed(used={str(i): i for i in range(100)}),
        changed(versions=None),
        with_request(count=0),
        with_request(count=10**9),
        with_request(count="64"),
        with_request(count=True),
        with_request(seed=-1),
        with_request(seed=2**70),
        with_request(steps=0),
        with_request(steps=2.5),
        with_request(label=-1),
        with_request(frames=10**6),
        with_request(sampler=["a"]),
        with_request(guidance=float("nan")),
        with_request(guidance=float("inf")),
        with_request(eta="1e999"),
        with_request(surprise=1),
    ],
)
def test_what_is_no_recipe_is_refused(tmp_path, text):
    path = write(tmp_path / "a.png", text)
    with pytest.raises(StorageError, match="recipe") as caught:
        read_recipe(path)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 700


def test_other_files_are_refused(tmp_path):
    black = Image.new("L", (4, 4))
    black.save(tmp_path / "plain.png")
    black.save(tmp_path / "photo.jpg")
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "empty.png").write_bytes(b"")
    for name in ("plain.png", "photo.jpg", "text.png", "empty.png"):
        with pytest.raises(StorageError, match="recipe|not a PNG|damaged"):
            read_recipe(tmp_path / name)
    with pytest.raises(StorageError, match="Cannot read"):
        read_recipe(tmp_path / "missing.png")
    with pytest.raises(StorageError, match="Cannot read"):
        read_recipe(tmp_path)


@pytest.mark.parametrize("length", [8, 20, 40, 60, 200])
def test_cut_and_changed_files_are_refused(tmp_path, length):
    path = tmp_path / "a.png"
    save_png(np.zeros((4, 4), "uint8"), path, RECIPE.text())
    whole = path.read_bytes()
    path.write_bytes(whole[:length])
    with pytest.raises(StorageError):
        read_recipe(path)
    path.write_bytes(whole[:length] + b"\xff" * 50 + whole[length + 50 :])
    with pytest.raises(StorageError):
        read_recipe(path)


def chunk(kind, body):
    check = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + check


def test_a_compressed_text_of_gigabytes_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.png"
    save_png(np.zeros((4, 4), "uint8"), path)
    whole = path.read_bytes()
    packed = zlib.compress(b"a" * 300_000_000, 9)
    bomb = chunk(b"zTXt", KEY.encode() + b"\0\0" + packed)
    path.write_bytes(whole[:33] + bomb + whole[33:])
    with pytest.raises(StorageError, match="damaged|recipe"):
        read_recipe(path)


def test_a_huge_picture_costs_nothing(tmp_path):
    path = png_header(tmp_path / "huge.png", 2**30, 2**30)
    with pytest.raises(StorageError, match="holds no recipe"):
        read_recipe(path)


def test_what_the_user_names_comes_before_what_drew_it():
    assert backend_of(RECIPE, None, None) == ("tensorflow", "float32")
    assert backend_of(RECIPE, "jax", None) == ("jax", None)
    named = backend_of(RECIPE, "tensorflow", "mixed_bfloat16")
    assert named == ("tensorflow", "mixed_bfloat16")
    unknown = RECIPE.model_copy(update={"versions": {"backend": "mxnet"}})
    assert backend_of(unknown, None, None) == (None, None)


def test_reading_a_recipe_starts_no_framework():
    code = "import sys, kerasnotes.use.recipe; print('keras' in sys.modules)"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "False"
