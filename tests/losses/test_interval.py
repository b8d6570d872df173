"""The loss of intervals in NumPy, and what its minimum says."""

import numpy as np
import pytest

from kerasnotes.losses.coverage_width import coverage_width
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


@pytest.mark.once
def test_coverage_and_width_of_many_at_once():
    """The formula written out, of each; short of the coverage, and not."""
    rng = np.random.default_rng(2)
    y = rng.normal(size=(40, 2))
    reach = np.array([0.3, 5.0])[:, None, None] * rng.uniform(1, 2, (2, 40, 2))
    found = coverage_width(y, y.mean() - reach, y.mean() + reach, 0.9)
    for member in range(2):
        for k in range(2):
            width = 2 * reach[member, :, k]
            part = (np.abs(y[:, k] - y.mean()) <= width / 2).mean()
            root = np.sqrt((width**2).mean()) / (y[:, k].max() - y[:, k].min())
            short = np.exp(-50 * (part - 0.9)) if part < 0.9 else 0
            assert found[member, k] == pytest.approx(root * (1 + short))
