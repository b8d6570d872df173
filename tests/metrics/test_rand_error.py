import numpy as np
import pytest
from scipy import ndimage
from skimage.metrics import adapted_rand_error

from kerasnotes.metrics.rand_error import RandError

pytestmark = pytest.mark.once


def cells(shift=0):
    """Four cells (1) between walls (0)."""
    mask = np.ones((20, 20), "int32")
    mask[9 + shift, :] = 0
    mask[:, 10] = 0
    return mask


def test_is_the_mean_over_images_of_scikit_image():
    leaky = cells(1)
    leaky[:, 10] = 1
    pairs = [(cells(), cells(2)), (cells(), leaky)]
    error = RandError()
    expected = []
    for truth, answer in pairs:
        error.add(truth, answer)
        regions = [ndimage.label(mask == 1)[0] for mask in (truth, answer)]
        expected.append(adapted_rand_error(*regions))
    metrics = error.metrics()
    np.testing.assert_allclose(
        list(metrics.values()), np.mean(expected, axis=0)
    )
    assert metrics["adapted_rand_error"] > 0.1


def test_the_rarer_class_is_the_boundary_whatever_its_number():
    a, b = RandError(), RandError()
    truth, answer = cells(), cells(3)
    answer[5:8, 10] = 1
    a.add(truth, answer)
    b.add(1 - truth, 1 - answer)
    assert a.metrics() == pytest.approx(b.metrics())


def test_perfect_regions_have_no_error():
    error = RandError()
    error.add(cells(), cells())
    assert error.metrics()["adapted_rand_error"] == pytest.approx(0)


@pytest.mark.parametrize("answer", [0, 1])
def test_degenerate_images_give_numbers(answer):
    error = RandError()
    error.add(np.ones((3, 3), "int32"), np.full((3, 3), answer))
    lone = np.zeros((3, 3), "int32")
    lone[0, 0] = 1
    error.add(lone, lone)
    assert all(0 <= value <= 1 for value in error.metrics().values())
