"""`kn data --export`: files that the other verbs take."""

import json

import numpy as np
import pytest

from tests.cli.conftest import listing, run_kn

pytestmark = pytest.mark.once


def test_digits_are_predicted_from_their_files(place, trained):
    ended = run_kn("data", "digits", "--export", "some", "-n", 20)
    assert (ended.code, ended.err) == (0, "")
    assert "kn predict ckpts/mlp some/0/0.png" in ended.out
    assert "kn fit mlp --data some --set data.image_size=8" in ended.out
    folder, _ = trained
    answered = run_kn("predict", folder, "some/0/0.png", "some/7/0.png")
    assert answered.code == 0
    assert "some/7/0.png: 7 (" in answered.out
    assert "white 16" in answered.err
    looked = run_kn("data", "some", "--set", "data.image_size=8")
    assert looked.code == 0
    assert "10 classes" in looked.out


def test_scenes_are_a_data_set(place):
    ended = run_kn("data", "digit-scenes", "--export", "my scenes", "-n", 5)
    assert "kn fit unet --data 'my scenes'" in ended.out
    assert (place / "my scenes" / "images" / "0.png").is_file()
    listed = (place / "my scenes" / "classes.txt").read_text()
    assert listed.startswith("0 background\n1 0\n")


@pytest.mark.parametrize("shape", [(8, 12), (4, 4)])
def test_no_hint_reads_images_as_others(shape, place):
    x = np.zeros((30, *shape, 1), "uint8")
    np.savez("set.npz", x=x, y=np.arange(30) % 2)
    ended = run_kn("data", "set.npz", "--export", "some", "-n", 4)
    assert ended.code == 0, ended.err
    assert "would not come back as they are" in ended.out
    assert "kn predict ckpts/mlp some/0/0.png" in ended.out
    assert "kn fit" not in ended.out


def test_json_names_the_files(place):
    ended = run_kn(
        *("data", "ring", "--export", "r", "--split", "train"),
        *("-n", 3, "--json"),
    )
    told = json.loads(ended.out)
    assert told == {
        "folder": "r",
        "split": "train",
        "examples": 3,
        "files": ["r/ring.csv"],
    }


@pytest.mark.parametrize(
    ("rest", "code", "told"),
    [
        (["--export", "full"], 5, "not empty"),
        (["--export", "new", "--out", "a.png"], 2, "exclude each other"),
        (["--split", "train"], 2, "say what --export writes"),
        (["--export", "new", "--split", "all"], 2, "'train', 'validation'"),
    ],
)
def test_mistakes_leave_nothing(rest, code, told, place):
    (place / "full").mkdir()
    (place / "full" / "mine.txt").write_text("")
    ended = run_kn("data", "digits", *rest)
    assert ended.code == code
    assert told in ended.err
    assert listing(place) == ["full", "full/mine.txt"]
