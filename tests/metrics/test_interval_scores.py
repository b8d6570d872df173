"""Scores of intervals, and the shift that makes them hold enough."""

import numpy as np
import pytest

from kerasnotes.metrics.conformal import conformal_shift, fewest
from kerasnotes.metrics.interval_scores import (
    by_quarter,
    interval_scores,
    width_error_correlation,
)

pytestmark = pytest.mark.once


def test_the_interval_score_is_the_sum_of_two_quantile_losses():
    """Gneiting & Raftery: 2/a times the pinball losses of both ends."""
    rng = np.random.default_rng(0)
    y, a = rng.normal(size=500), 0.1
    low, high = y - rng.normal(0.5, 1, 500), y + rng.normal(0.5, 1, 500)
    low, high = np.minimum(low, high), np.maximum(low, high)

    def pinball(end, q):
        return np.maximum(q * (y - end), (q - 1) * (y - end))

    expected = 2 / a * (pinball(low, a / 2) + pinball(high, 1 - a / 2))
    found = interval_scores(y, low, high, 1 - a)
    assert found["interval_score"] == pytest.approx(expected.mean())
    assert found["mean_width"] == pytest.approx((high - low).mean())
    assert found["coverage"] == np.mean(
        [a <= t <= b for a, t, b in zip(low, y, high, strict=True)]
    )


def test_cmsc_by_hand():
    y = np.array([0.0, 1.0, 2.0, 4.0])
    low, high = y - [1, 1, 1, 2], y + [1, 1, 1, 4]
    root = np.sqrt((4 + 4 + 4 + 36) / 4) / 4
    assert interval_scores(y, low, high, 0.95)["cmsc"] == pytest.approx(root)
    high[0] = -0.5
    root = np.sqrt((0.25 + 4 + 4 + 36) / 4) / 4
    found = interval_scores(y, low, high, 0.8)["cmsc"]
    assert found == pytest.approx(root * (1 + np.exp(-50 * (0.75 - 0.8))))


def test_quarters_and_correlation():
    column = np.array([3.0, 0, 1, 2, 7, 6, 5, 4])
    held = column < 5
    np.testing.assert_array_equal(by_quarter(held, column), [1, 1, 0.5, 0])
    error = np.array([0.1, 0.2, 0.3, 0.4])
    zero = np.zeros(4)
    wide = error**2
    assert width_error_correlation(zero, error, -wide, wide) == 1
    assert width_error_correlation(zero, error, -wide[::-1], zero) == -1
    assert np.isnan(width_error_correlation(zero, error, zero, zero + 1))


def test_the_shift_holds_what_it_promises():
    """The mean coverage of new truths over many draws is c, or a bit more."""
    rng = np.random.default_rng(1)
    count, new, draws, c = 39, 200, 2_000, 0.9
    truth = rng.standard_t(3, (count + new, draws))
    ends = -0.3 + 0 * truth, 0.1 + 0 * truth
    shift = conformal_shift(truth[:count], *(e[:count] for e in ends), c)
    assert shift.shape == (draws,)
    low, high = ends[0] - shift, ends[1] + shift
    held = ((low <= truth) & (truth <= high))[count:].mean(axis=0)
    # Exactly 36 / 40 on average; three standard errors of the mean.
    error = held.std() / np.sqrt(draws)
    assert held.mean() == pytest.approx(0.9, abs=3 * error)


def test_ends_may_move_inwards_and_few_examples_move_none():
    truth = np.linspace(-1, 1, 101)[:, None]
    shift = conformal_shift(truth, truth - 3, truth + 3, 0.9)
    np.testing.assert_allclose(shift, [-3])
    assert fewest(0.95) == 19
    assert fewest(0.5) == 1
    assert conformal_shift(truth[:18], truth[:18], truth[:18], 0.95) is None
    assert conformal_shift(truth[:19], truth[:19], truth[:19], 0.95) == [0]
