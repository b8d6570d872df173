import numpy as np
import pytest

from kerasnotes.figures import overlay

pytestmark = pytest.mark.once


def test_a_class_keeps_its_colour_whatever_the_ground():
    a, b = overlay.palette(30, 0), overlay.palette(30, 3)
    same = [k for k in range(30) if (a[k] == b[k]).all()]
    assert same == [k for k in range(30) if k not in (0, 3)]
    assert len(np.unique(a, axis=0)) == 30


def test_ground_is_the_background_or_the_commonest():
    assert overlay.ground_class(("cat", "Background"), np.array([9, 1])) == 1
    assert overlay.ground_class(("0", "255"), np.array([1, 9])) == 1
    assert overlay.ground_class(("0", "255")) == 0


@pytest.mark.parametrize("dtype", ["uint16", "float32", "uint8"])
def test_dark_images_are_stretched(dtype):
    image = np.linspace(0, 16, 400).reshape(20, 20, 1).astype(dtype)
    rgb = overlay.to_rgb(image)
    assert rgb.shape == (20, 20, 3)
    assert rgb.dtype == np.uint8
    assert (rgb.min(), rgb.max()) == (0, 255)


def test_eight_bit_images_stay_as_they_are(rng):
    image = rng.integers(0, 256, (5, 6, 3)).astype("uint8")
    np.testing.assert_array_equal(overlay.to_rgb(image), image)


def test_constant_and_damaged_images_are_drawn():
    assert overlay.to_rgb(np.full((3, 3, 1), 7, "uint16")).max() == 0
    assert overlay.to_rgb(np.full((3, 3, 1), np.nan)).max() == 0


def test_tint_leaves_the_ground_and_draws_outlines_inside():
    rgb = np.full((9, 9, 3), 100, "uint8")
    mask = np.zeros((9, 9), "int32")
    mask[2:7, 2:7] = 1
    colours = overlay.palette(2, 0)
    got = overlay.tint(rgb, mask, colours, 0, strength=0.5)
    assert (got[mask == 0] == 100).all()
    assert (got[2, 2:7] == colours[1]).all()
    np.testing.assert_allclose(got[4, 4], 50 + colours[1] / 2, atol=1)


def test_errors_are_marked_by_kind():
    truth = np.array([[0, 0, 1, 1, 2]])
    answer = np.array([[0, 1, 0, 2, 2]])
    got = overlay.mark_errors(np.zeros((1, 5, 3), "uint8"), truth, answer, 0)
    kinds = [overlay.EXTRA, overlay.MISSED, overlay.CONFUSED]
    for place, kind in zip((1, 2, 3), kinds, strict=True):
        np.testing.assert_array_equal(got[0, place], overlay.rgb_of(kind))
    assert (got[0, [0, 4]] == 0).all()
