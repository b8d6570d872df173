"""Columns that look like the pixels of pictures are told, and only those."""

import numpy as np
import pytest

from kerasnotes.data.load import load

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)


@pytest.fixture
def notes(tmp_path, config):
    """Returns what is said of a table of these columns."""

    def read(names, values):
        lines = [
            ",".join([*map(str, row), "ab"[n % 2]])
            for n, row in enumerate(values.tolist())
        ]
        head = ",".join([*names, "label"])
        (tmp_path / "a.csv").write_text("\n".join([head, *lines]))
        data = load(config(tmp_path / "a.csv"))
        return " ".join(r for r in data.remarks if "look like pictures" in r)

    return read


@pytest.mark.parametrize(
    ("names", "side", "channels"),
    [
        ([f"pixel{n}" for n in range(784)], 28, 1),
        ([f"x{n}" for n in range(64)], 8, 1),
        ([f"{n}x{m}" for n in range(1, 9) for m in range(1, 9)], 8, 1),
        ([f"pixel_{n}" for n in range(1, 193)], 8, 3),
    ],
)
def test_pixels_are_told(notes, names, side, channels):
    told = notes(names, RNG.integers(0, 256, (20, len(names))))
    assert f"rows.reshape(-1, {side}, {side}, {channels})" in told
    assert ("(-1, 3, " in told) == (channels == 3)


@pytest.mark.parametrize("kind", ["names", "fractions", "flags", "count"])
def test_other_columns_are_not(notes, kind):
    count = 65 if kind == "count" else 64
    values = RNG.integers(0, 256, (20, count))
    names = [f"x{n}" for n in range(count)]
    if kind == "names":
        names = [f"{'abcdefgh'[n % 8]}{n}" for n in range(count)]
    values = {"fractions": values / 2, "flags": values % 2}.get(kind, values)
    assert not notes(names, values)


def test_the_way_that_is_told_is_read_as_pictures(tmp_path, config):
    rows = RNG.integers(0, 256, (20, 3, 8, 8), dtype="uint8").reshape(20, -1)
    y = np.arange(20) % 2
    for shape in ((-1, 8, 8, 3), (-1, 3, 8, 8)):
        np.savez(tmp_path / "a.npz", x=rows.reshape(shape), y=y)
        assert load(config(tmp_path / "a.npz")).spec.input.shape == (8, 8, 3)
