"""Shares of the KL term against exact fractions."""

from fractions import Fraction

import numpy as np
import pytest

from kerasnotes.notes.bcnn.kl_weight import kl_weight
from tests.checks import to_numpy


def weights(scheme, batches, epochs=1, **given):
    return np.array(
        [
            to_numpy(kl_weight(scheme, step, batches=batches, **given))
            for step in range(batches * epochs)
        ],
        "float64",
    )


@pytest.mark.parametrize("batches", [1, 2, 3, 7, 30])
def test_blundells_shares_are_exact_and_sum_to_one(batches):
    found = weights("blundell", batches, epochs=2) / batches
    exact = [
        float(Fraction(2 ** (batches - i), 2**batches - 1))
        for i in range(1, batches + 1)
    ]
    np.testing.assert_allclose(found, exact * 2, rtol=1e-5)
    assert found[:batches].sum() == pytest.approx(1, rel=1e-6)


@pytest.mark.once
@pytest.mark.parametrize("batches", [1023, 1024, 60_000])
def test_more_batches_than_a_float_has_powers_of_two(batches):
    steps = np.array([0, 1, 2, 40, 500, batches - 1], "float32")
    found = to_numpy(kl_weight("blundell", steps, batches=batches))
    expected = batches * 2.0 ** -(steps.astype("float64") + 1)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-30)


@pytest.mark.once
def test_uniform_and_fixed():
    np.testing.assert_array_equal(weights("uniform", 5), 1)
    np.testing.assert_array_equal(weights("fixed", 5, beta=0.25), 0.25)
    np.testing.assert_array_equal(weights("fixed", 5, beta=0.0), 0)


@pytest.mark.once
def test_the_warm_up_rises_to_the_whole_and_stays():
    found = weights("soenderby", 4, epochs=2, warmup=5)
    np.testing.assert_allclose(found, [0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1])
    assert weights("soenderby", 3, warmup=1)[0] == 1
