"""Examples that the training part shares with others are counted."""

import numpy as np
import pytest
from PIL import Image

from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3))
Y = np.arange(40) % 2


def told(data):
    return [note for note in data.remarks if "will flatter" in note]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, []),
        (1, ["1 of the 10 test examples is also an example"]),
        (4, ["4 of the 10 test examples are also examples"]),
    ],
)
def test_arrays(config, count, words):
    test = np.concatenate([X[:count], X[30 + count :]])
    given = {"train": (X[:30], Y[:30]), "test": (test, Y[30:])}
    found = told(load(config(validation=0), to_arrays(given)))
    assert len(found) == len(words)
    assert all(map(str.startswith, found, words))
    # Who only measures has not trained on these.
    data = load(config(validation=0), to_arrays(given), measured=True)
    assert not told(data)


def test_rows_picked_at_random(config):
    given = {"x": np.concatenate([X, X[:20]]), "y": np.concatenate([Y, Y[:20]])}
    data = load(config(), to_arrays(given))
    rows = {part: data.split(part).rows % 40 for part in ("train", "test")}
    count = np.isin(rows["test"], rows["train"]).sum()
    assert count
    assert told(data)[-1].startswith(f"{count} of the {len(data.test)} test")


@pytest.mark.parametrize("suffix", ["png", "bmp"])
def test_files_of_equal_bytes(tmp_path, config, suffix):
    for number in range(40):
        part = "train" if number < 30 else "test"
        folder = tmp_path / "set" / part / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        seed = number - 30 if number in (30, 31, 32) else number
        pixels = np.random.default_rng(seed).integers(0, 255, (8, 8), "uint8")
        Image.fromarray(pixels).save(folder / f"{number}.{suffix}")
    data = load(config(tmp_path / "set", image_size=8, validation=0))
    assert [n[:25] for n in told(data)] == ["3 of the 10 test examples"]


def test_sets_that_are_known_here_are_not_looked_at(config):
    assert not told(load(config("iris")))
