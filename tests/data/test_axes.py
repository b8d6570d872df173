"""Channels first are recognised, turned and told; doubts are asked about."""

import h5py
import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load
from kerasnotes.data.meaning import axes
from kerasnotes.data.problems import Problems
from kerasnotes.tasks.inputs import Held, read_examples

pytestmark = pytest.mark.once


def images(*shape):
    return np.random.default_rng(0).integers(0, 255, shape, "uint8")


@pytest.mark.parametrize(
    "shape",
    [
        (9, 3, 28, 28),
        (9, 1, 28, 28),
        (9, 4, 32, 32),
        (9, 3, 64, 48),
        (9, 3, 5, 64),
        (9, 1, 8, 8),
        (9, 3, 224, 224),
    ],
)
def test_channels_first_are_turned(shape):
    x, problems = images(*shape), Problems()
    turned = axes.turn(x, "set", problems)
    np.testing.assert_array_equal(turned, np.moveaxis(x, 1, -1))
    assert problems.notes == [
        f"Images of shape {shape[1:]} have their channels first: they are "
        f"read as {shape[2]}x{shape[3]} with {shape[1]}."
    ]


@pytest.mark.parametrize(
    "shape",
    [
        (9, 28, 28, 3),
        (9, 28, 28, 1),
        (9, 3, 28, 3),
        (9, 3, 3, 1),
        (9, 28, 28, 10),
        (9, 8, 8, 64),
        (9, 3, 3, 16),
        (9, 4, 28, 2),
        (9, 48, 64, 16),
    ],
)
def test_channels_last_stay(shape):
    x, problems = images(*shape), Problems()
    assert axes.turn(x, "set", problems) is x
    assert problems.notes == []


@pytest.mark.parametrize(
    "shape",
    [
        (9, 2, 28, 28),
        (9, 10, 32, 32),
        (9, 13, 64, 64),
        (9, 5, 9, 9),
        (9, 7, 8, 8),
    ],
)
def test_either_is_asked_about(shape):
    with pytest.raises(DataError, match=r"channels, or .*\?") as error:
        axes.turn(images(*shape), "set", Problems())
    assert "moveaxis" in str(error.value)


@pytest.mark.parametrize("kind", ["npz", "h5", "arrays"])
@pytest.mark.parametrize("target", ["class", "mask"])
def test_every_source_and_every_question(tmp_path, config, kind, target):
    x = images(30, 3, 16, 20)
    y = np.arange(30) % 2 if target == "class" else np.uint8(x[:, 0] > 99)
    source, arrays = config(tmp_path / f"set.{kind}"), None
    if kind == "npz":
        np.savez(tmp_path / "set.npz", x=x, y=y)
    elif kind == "h5":
        with h5py.File(tmp_path / "set.h5", "w") as file:
            file["x"], file["y"] = x, y
    else:
        source, arrays = config(), to_arrays((x, y))
    data = load(source, arrays)
    assert data.spec.input.shape == (16, 20, 3)
    assert any("channels first" in remark for remark in data.remarks)
    seen, answer = data.test[2]
    row = data.test.rows[2]
    np.testing.assert_array_equal(seen, np.moveaxis(x[row], 0, -1))
    np.testing.assert_array_equal(answer, y[row])
    asked = read_examples(Held(x[:4]), data.spec)
    np.testing.assert_array_equal(asked, np.moveaxis(x[:4], 1, -1))


def test_masks_may_have_their_channel_first(config):
    x = images(30, 3, 16, 20)
    data = load(config(), to_arrays((x, np.uint8(x[:, :1] > 99))))
    seen, mask = data.train[3]
    np.testing.assert_array_equal(mask, seen[..., 0] > 99)
