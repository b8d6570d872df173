"""Scores of forecasts against scikit-learn, and by hand."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, mean_squared_error

from kerasnotes.data.fields import Column
from kerasnotes.metrics.forecast_tally import ForecastTally

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)
N, H, K = 30, 5, 2
COLUMNS = [
    Column("a", deviation=2.0, change=0.5),
    Column("b", deviation=10.0, change=4.0),
]
TRUTH = RNG.normal(3, (2, 10), (N, H, K))
ANSWER = TRUTH + RNG.normal(0, (1, 3), (N, H, K))


def tally(columns=COLUMNS):
    found = ForecastTally(columns, H)
    for start in range(0, N, 7):
        found.add(TRUTH[start : start + 7], ANSWER[start : start + 7])
    return found


def test_overall():
    found = tally().overall()
    scale = np.array([2.0, 10.0])
    one, other = ((v / scale).reshape(-1) for v in (TRUTH, ANSWER))
    expected = mean_squared_error(one, other)
    assert found["standardized_mse"] == pytest.approx(expected)
    expected = mean_absolute_error(one, other)
    assert found["standardized_mae"] == pytest.approx(expected)
    error = np.abs(TRUTH - ANSWER).mean(axis=(0, 1))
    assert found["mase"] == pytest.approx((error / [0.5, 4.0]).mean())
    relative = np.abs(TRUTH - ANSWER) / (np.abs(TRUTH) + np.abs(ANSWER))
    assert found["smape"] == pytest.approx(200 * relative.mean())


def test_each():
    for place, found in enumerate(tally().each()):
        y, f = (v[..., place].reshape(-1) for v in (TRUTH, ANSWER))
        assert found["mae"] == pytest.approx(mean_absolute_error(y, f))
        assert found["rmse"] == pytest.approx(mean_squared_error(y, f) ** 0.5)


def test_by_step():
    expected = (np.abs(TRUTH - ANSWER) / [2.0, 10.0]).mean(axis=(0, 2))
    np.testing.assert_allclose(tally().by_step, expected)


def test_no_scale_no_mase():
    columns = [COLUMNS[0], Column("b", deviation=10.0)]
    assert "mase" not in tally(columns).overall()


def test_nothing_forecast_as_nothing_is_no_error():
    found = ForecastTally(COLUMNS[:1], 1)
    found.add(np.zeros((3, 1, 1)), np.zeros((3, 1, 1)))
    assert found.overall()["smape"] == 0
