"""A folder of pictures without a label: generators take it, all the way."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.cli.conftest import listing, run_kn

pytestmark = pytest.mark.once

TINY = {
    "vae": ("widths=[4,4]", "hidden=8", "latent=2"),
    "gan": ("width=2", "latent=4"),
    "ddpm": ("network=mlp", "widths=[8]", "timesteps=20"),
}


@pytest.fixture
def faces(place):
    """Sixty grey pictures of 8x8, in one folder, and a `Thumbs.db`."""
    (place / "faces").mkdir()
    rng = np.random.default_rng(0)
    for number in range(60):
        pixels = rng.integers(60, 200, (8, 8), "uint8")
        Image.fromarray(pixels).save(place / "faces" / f"{number}.png")
    (place / "faces" / "Thumbs.db").write_text("x")
    return place / "faces"


def train(note, faces, *options):
    settings = [("--set", text) for text in TINY[note]]
    return run_kn(
        *(
            "fit",
            note,
            "--data",
            faces,
            "--epochs",
            1,
            "--set",
            "train.passes=1",
            "--out",
            note,
        ),
        *("--set", "data.image_size=8"),
        *(word for pair in settings for word in pair),
        *options,
    )


@pytest.mark.parametrize("note", TINY)
def test_fit_eval_and_sample(note, faces, place):
    ended = train(note, faces)
    assert (ended.code, ended.err) == (0, "")
    assert "pictures without a label" in ended.out
    record = json.loads((place / note / "run.json").read_text())
    assert record["spec"]["targets"][0]["kind"] == "none"
    assert not record["config"]["model"].get("conditional")
    ended = run_kn("eval", note, "--samples", 16, "--json")
    assert (ended.code, ended.err) == (0, "")
    assert "frechet_pixels" in json.loads(ended.out)["metrics"]
    ended = run_kn("sample", note, "-n", 4, "--out", "out.npz")
    assert (ended.code, ended.err) == (0, "")
    assert np.load("out.npz")["x"].shape == (4, 8, 8, 1)
    ended = run_kn("sample", note, "--class", "faces")
    assert ended.code == 2
    assert "without classes" in ended.err


@pytest.mark.parametrize("note", ["gan", "ddpm"])
def test_conditional_needs_classes(note, faces, place):
    before = listing(place)
    ended = train(note, faces, "--set", "conditional=true", "--quiet")
    assert ended.code == 2
    assert "`conditional` needs classes, and `faces` has none" in ended.err
    assert listing(place) == before


@pytest.mark.parametrize("note", ["mlp", "bcnn", "unet"])
def test_other_tasks_name_what_fits(note, faces):
    ended = run_kn("fit", note, "--data", faces, "--quiet")
    assert ended.code == 2
    assert "Received: no label" in ended.err
    assert "kn fit vae --data" in ended.err


def test_data_says_so_and_writes_some(faces, place):
    ended = run_kn("data", faces)
    assert (ended.code, ended.err) == (0, "")
    assert "no label" in ended.out
    assert "Layout: pictures without a label." in ended.out
    assert "Next: kn fit vae --data" in ended.out
    assert (place / "faces-contact-sheet.png").is_file()
    options = ("--set", "data.image_size=8", "-n", 3, "--export", "some")
    ended = run_kn("data", faces, *options)
    assert (ended.code, ended.err) == (0, "")
    assert listing(place / "some") == ["0.png", "1.png", "2.png"]
    again = run_kn("data", "some", "--set", "data.image_size=8", "--json")
    assert json.loads(again.out)["spec"]["targets"][0]["kind"] == "none"
