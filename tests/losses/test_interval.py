"""The loss of intervals in NumPy, and what its minimum says."""

import numpy as np
import pytest

from kerasnotes.losses.interval import interval_loss
from tests.checks import to_numpy


def test_in_numpy():
    rng = np.random.default_rng(0)
    y, low, width = rng.normal(size=(3, 9, 2)).astype("float32")
    high = low + np.abs(width)
    expected = (
        np.where(y > high, (y - high) ** 2, 0)
        + np.where(y < low, (low - y) ** 2, 0)
        + 0.3 * (high - low)
    ).mean(axis=1)
    found = to_numpy(interval_loss(y, low, high, 0.3))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.once
@pytest.mark.parametrize("beta", [0.02, 0.1])
def test_at_its_minimum_truths_lie_half_of_beta_above(beta):
    """By a search over ends: the mean overshoot is beta / 2, exactly."""
    from scipy.optimize import minimize

    y = np.random.default_rng(1).normal(size=(2_000, 1))

    def loss(ends):
        low, high = (np.full_like(y, end) for end in ends)
        each = interval_loss(
            *(v.astype("float32") for v in (y, low, high)), beta
        )
        return float(to_numpy(each).astype("float64").mean())

    low, high = minimize(
        loss, [-1, 1], method="Nelder-Mead", options={"xatol": 1e-5}
    ).x
    above = np.maximum(y - high, 0).mean()
    below = np.maximum(low - y, 0).mean()
    np.testing.assert_allclose([above, below], beta / 2, rtol=0.02)
