"""RandAugment: each operation by its definition, each equally often."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from kerasnotes.data.augmentation import rand_augment
from kerasnotes.data.augmentation.rand_augment import (
    OPERATIONS_BY_NAME,
    RandAugment,
)

pytestmark = pytest.mark.once
GRADIENT = np.add.outer(np.arange(40) * 2, np.arange(40) * 3).astype("uint8")


def apply(name, amount, values=GRADIENT):
    picture = OPERATIONS_BY_NAME[name](Image.fromarray(values), amount)
    return np.asarray(picture)


def test_there_are_the_papers_fourteen():
    assert len(OPERATIONS_BY_NAME) == 14


@pytest.mark.parametrize(
    "name",
    ["rotate", "shear-x", "shear-y", "translate-x", "translate-y", "contrast"]
    + ["identity", "color", "brightness", "sharpness", "solarize"],
)
def test_nothing_of_an_operation_is_nothing(name):
    np.testing.assert_array_equal(apply(name, 0.0), GRADIENT)


@pytest.mark.parametrize(
    ("name", "matrix"),
    [
        ("shear-x", [[1, 0], [0.3, 1]]),
        ("shear-y", [[1, 0.3], [0, 1]]),
        ("translate-x", None),
        ("translate-y", None),
        ("rotate", None),
    ],
)
def test_maps_are_scipys_about_the_centre(name, matrix):
    # Rows first: SciPy's matrix maps output (row, column) to input.
    matrix, shift = np.eye(2) if matrix is None else np.array(matrix), [0, 0]
    if name == "shear-x":
        matrix = np.array([[1, 0], [0.3, 1]])
    if name == "translate-x":
        shift = [0, 0.45 * 40]
    if name == "translate-y":
        shift = [0.45 * 40, 0]
    if name == "rotate":
        a = np.deg2rad(30)
        matrix = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
    centre = np.array([19.5, 19.5])
    offset = centre - matrix @ centre + shift
    expected = ndimage.affine_transform(
        GRADIENT.astype("float64"), matrix, offset, order=1, mode="reflect"
    )
    found = apply(name, 1.0).astype("float64")
    inside = slice(8, 32), slice(8, 32)
    np.testing.assert_allclose(found[inside], expected[inside], atol=1.5)


def test_values_are_cut_and_turned():
    np.testing.assert_array_equal(apply("posterize", 1.0), GRADIENT & 0xF0)
    found = apply("solarize", 0.5)
    expected = np.where(GRADIENT < 128, GRADIENT, 255 - GRADIENT)
    np.testing.assert_array_equal(found, expected)
    assert apply("autocontrast", 1.0).max() == 255
    counts = np.bincount(apply("equalize", 1.0).ravel() // 64, minlength=4)
    assert counts.min() > 0.6 * counts.max()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_key_gives_the_same_batch_within_the_limits(channels):
    rng = np.random.default_rng(0)
    x = rng.uniform(-2, 6, (5, 12, 16, channels)).astype("float32")
    vary = RandAugment((-2.0, 6.0), seed=1)
    first, _ = vary(x, None, 4)
    again, _ = vary(x, None, 4)
    other, _ = vary(x, None, 5)
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    assert first.shape == x.shape
    assert first.dtype == "float32"
    assert first.min() >= -2
    assert first.max() <= 6


def test_no_operation_leaves_raw_values_as_they_were(monkeypatch):
    monkeypatch.setattr(rand_augment, "OPERATIONS", 0)
    x = np.arange(17, dtype="float32").reshape(1, 1, 17, 1)
    found, _ = RandAugment((0.0, 16.0), 0)(x, None, 0)
    np.testing.assert_allclose(found, x, atol=16 / 255)
