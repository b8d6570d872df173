import numpy as np
import pytest
from keras import ops
from scipy import special

from kerasnotes.layers.pixel_levels import (
    PixelLevels,
    reading_order,
    to_uniform,
)
from tests.checks import to_numpy
from tests.specs import flat

SPEC = flat(
    "i", "image", (2, 2, 1), "uint8", "class", ("a",), value_range=(0.0, 16.0)
)


def levels(count=2, binarize="stochastic"):
    return PixelLevels(SPEC, count, binarize)


def test_a_grey_value_is_the_probability_of_white():
    grey = np.full(10_000, 4, "uint8")
    uniform = (np.arange(10_000, dtype="float32") + 0.5) / 10_000
    white = to_numpy(levels().observe(grey, uniform))
    assert set(white.tolist()) == {0.0, 1.0}
    assert white.mean() == 0.25


def test_the_threshold_is_half_and_draws_nothing():
    seen = levels(2, "threshold").observe(np.array([0, 8, 9, 16]), None)
    np.testing.assert_array_equal(to_numpy(seen), [0, 0, 1, 1])


def test_levels_are_the_nearest_and_go_back():
    exact = levels(17)
    raw = np.arange(17, dtype="uint8")
    np.testing.assert_array_equal(to_numpy(exact.observe(raw, None)), raw)
    np.testing.assert_array_equal(to_numpy(exact.to_raw(raw)), raw)
    np.testing.assert_array_equal(
        to_numpy(levels(3).observe(np.array([0, 3, 5, 11, 13]), None)),
        [0, 0, 1, 1, 2],
    )


@pytest.mark.parametrize("count", [2, 5])
def test_draws_have_the_probabilities_that_are_scored(count):
    rng = np.random.default_rng(0)
    kind = levels(count)
    logits = rng.normal(size=kind.outputs).astype("float32")
    expected = special.expit([-logits[0], logits[0]])
    if count > 2:
        expected = special.softmax(logits)
    each = np.arange(count, dtype="float32")
    every = ops.convert_to_tensor(np.tile(logits, (count, 1)))
    scored = to_numpy(kind.log_probability(each, every))
    np.testing.assert_allclose(np.exp(scored), expected, atol=1e-6)
    uniform = (np.arange(20_000, dtype="float32") + 0.5) / 20_000
    many = ops.convert_to_tensor(np.tile(logits, (20_000, 1)))
    drawn = to_numpy(kind.draw(many, uniform)).astype(int)
    shares = np.bincount(drawn, minlength=count) / 20_000
    np.testing.assert_allclose(shares, expected, atol=2e-4)
    # The ends of the range are draws too.
    ends = to_numpy(kind.draw(every[:2], np.array([0.0, 1.0], "float32")))
    np.testing.assert_array_equal(ends, [count - 1, 0])


def test_normal_noise_becomes_uniform():
    noise = np.linspace(-6, 6, 101).astype("float32")
    found = to_numpy(to_uniform(ops.convert_to_tensor(noise)))
    np.testing.assert_allclose(found, special.ndtr(noise), atol=1e-6)


@pytest.mark.once
def test_missing_pixels_come_last_or_not():
    missing = np.zeros((4, 2, 2), bool)
    missing[1, 1] = True
    missing[2, 0] = True
    missing[3, 0, 1] = missing[3, 1, 1] = True
    assert reading_order(missing).tolist() == [True, True, False, False]
