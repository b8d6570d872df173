import numpy as np
import pytest

from kerasnotes.notes.unet.border_weight import border_weight_map

pytestmark = pytest.mark.once


def brute_force(objects, shape, w0, sigma):
    """Eq. (2) written out: every pixel against every pixel of each object."""
    rows, columns = np.indices(shape)
    distances = []
    for pixels in objects:
        d = [np.hypot(rows - r, columns - c) for r, c in pixels]
        distances.append(np.min(d, axis=0))
    d1, d2 = np.sort(distances, axis=0)[:2]
    return w0 * np.exp(-((d1 + d2) ** 2) / (2 * sigma**2))


@pytest.fixture
def mask():
    mask = np.zeros((24, 30), "int32")
    mask[3:9, 4:10] = 1
    mask[3:9, 12:18] = 1
    mask[14:20, 8:14] = 2
    return mask


def test_border_term_is_equation_2(mask):
    boxes = [(3, 9, 4, 10), (3, 9, 12, 18), (14, 20, 8, 14)]
    objects = [
        [(r, c) for r in range(a, b) for c in range(d, e)]
        for a, b, d, e in boxes
    ]
    border = brute_force(objects, mask.shape, 10.0, 3.0)
    got = border_weight_map(mask, w0=10.0, sigma=3.0)
    plain = border_weight_map(mask, w0=0.0)
    np.testing.assert_allclose(got - plain, border, atol=1e-5)
    assert got.dtype == np.float32
    assert border.max() > 5  # the gap of two pixels


def test_classes_that_touch_are_two_objects():
    mask = np.zeros((8, 8), "int32")
    mask[2:6, 2:4], mask[2:6, 4:6] = 1, 2
    objects = [
        [(r, c) for r in range(2, 6) for c in (2, 3)],
        [(r, c) for r in range(2, 6) for c in (4, 5)],
    ]
    border = brute_force(objects, mask.shape, 10.0, 5.0)
    got = border_weight_map(mask) - border_weight_map(mask, w0=0.0)
    np.testing.assert_allclose(got, border, atol=1e-5)


def test_class_weights_balance_the_classes(mask):
    weights = border_weight_map(mask, w0=0.0)
    sums = [weights[mask == k].sum() for k in range(3)]
    np.testing.assert_allclose(sums, mask.size / 3, rtol=1e-5)
    assert weights.mean() == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize("value", [0, 1])
def test_no_gap_without_two_objects(value):
    mask = np.full((7, 5), value)
    np.testing.assert_array_equal(border_weight_map(mask), 1.0)


def test_wrong_arguments_are_refused():
    with pytest.raises(ValueError, match=r"mask.shape=\(3,\)"):
        border_weight_map(np.zeros(3))
    with pytest.raises(ValueError, match="sigma=0"):
        border_weight_map(np.zeros((3, 3)), sigma=0)
