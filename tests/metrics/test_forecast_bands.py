"""Bands of forecasts: what they hold, of errors that are known."""

import numpy as np
import pytest

from kerasnotes.data.fields import Column
from kerasnotes.metrics.forecast_bands import BandTally, band_of

pytestmark = pytest.mark.once


def test_ends_are_errors_in_their_order():
    errors = np.random.default_rng(0).permutation(np.arange(1.0, 40.0))
    low, high = band_of(np.stack([errors, -errors], -1)[:, None], 0.9)
    # Of 39: number 40 * 0.05 = 2 from either end.
    np.testing.assert_array_equal(low, [[2, -38]])
    np.testing.assert_array_equal(high, [[38, -2]])


def test_few_errors_tell_nothing():
    assert band_of(np.zeros((19, 3, 1))) is None
    assert band_of(np.zeros((20, 3, 1))) is not None


def test_the_next_error_lies_inside_as_often_as_said():
    """For errors alike, the promise of conformal prediction: 90 % at least."""
    rng = np.random.default_rng(1)
    inside = []
    for _ in range(4_000):
        errors = rng.gamma(2.0, size=(30, 1, 1))
        low, high = band_of(errors[:-1], 0.9)
        inside.append(low <= errors[-1] <= high)
    part = np.mean(inside)
    # 29 calibration errors: 28/30 or a little more, within 3 deviations.
    assert part == pytest.approx(28 / 30, abs=3 * np.sqrt(0.07 / 4_000))


def test_coverage_and_width_are_counted():
    columns = [
        Column("a", deviation=2.0, low=(-1.0, -2.0), high=(1.0, 2.0)),
        Column("b", deviation=1.0, low=(0.0, 0.0), high=(3.0, 3.0)),
    ]
    tally = BandTally(columns)
    truth = np.array([[[1.0, 1.0], [2.5, -1.0]], [[0.0, 0.0], [0.0, 4.0]]])
    for one in truth:
        tally.add(one[None], np.zeros((1, 2, 2)))
    found = tally.scores()
    assert found["band_coverage"] == 5 / 8
    assert found["band_width"] == pytest.approx((1 + 2 + 3 + 3) / 4)
    assert BandTally([Column("a")]).scores() == {}
