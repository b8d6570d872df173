"""Simple forecasts against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from kerasnotes.data import fields
from kerasnotes.data.fields import Column
from kerasnotes.data.series import rules
from kerasnotes.data.series.rules import _Sums
from kerasnotes.data.series.windows import WindowSplit

pytestmark = pytest.mark.once


def test_naive():
    past = np.arange(12.0).reshape(1, 6, 2)
    np.testing.assert_array_equal(
        rules.naive(past, 3), [[[10, 11], [10, 11], [10, 11]]]
    )


def test_seasonal_naive_repeats_the_last_season():
    past = np.arange(10.0).reshape(1, 10, 1)
    found = rules.seasonal_naive(past, 5, 3)[0, :, 0]
    np.testing.assert_array_equal(found, [7, 8, 9, 7, 8])
    assert rules.seasonal_naive(past, 5, 11) is None
    assert rules.seasonal_naive(past, 5, 0) is None


def series(rows=300):
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(rows, 3)).astype("float32")
    return np.cumsum(noise, axis=0) * np.float32([1, 10, 0.1]) + 50


def test_the_linear_forecast_is_least_squares(monkeypatch):
    monkeypatch.setattr(rules, "PENALTIES", np.zeros(1))
    values = series()
    columns = [Column(name) for name in "abc"]
    chosen = [
        Column(n, mean=float(values[:, k].mean()), deviation=float(s))
        for n, k, s in (("c", 2, 0.3), ("a", 0, 4.0))
    ]
    window, horizon = 6, 4
    split = WindowSplit(values, [2, 0], window, horizon, (0, 300))
    given = fields.series(window, columns)
    target = fields.forecast(horizon, chosen)
    found = rules.fit_linear(split, given, target)
    x, y = split.read(np.arange(len(split)))
    mean = np.array([c.mean for c in chosen])
    scale = np.array([c.deviation for c in chosen])
    z = ((x[..., [2, 0]] - mean) / scale).transpose(0, 2, 1).reshape(-1, 6)
    t = ((y - mean) / scale).transpose(0, 2, 1).reshape(-1, 4)
    # Differences from the last value: its weights add up to 1.
    plain = LinearRegression().fit(z[:, :-1] - z[:, -1:], t - z[:, -1:])
    expected = plain.predict(z[:, :-1] - z[:, -1:]) + z[:, -1:]
    expected = expected.reshape(len(x), 2, 4).transpose(0, 2, 1) * scale + mean
    np.testing.assert_allclose(found(x[..., [2, 0]]), expected, rtol=1e-6)
    np.testing.assert_allclose(found.kernel.sum(axis=0), 1, atol=1e-9)


def test_sums_know_the_error_and_add_up():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(20, 5, 2)), rng.normal(size=(20, 3, 2))
    whole, first, rest = (_Sums.zero(5, 3) for _ in range(3))
    whole.add(x, y)
    first.add(x[:8], y[:8])
    rest.add(x[8:], y[8:])
    joined = first.joined(rest)
    np.testing.assert_allclose(joined.inputs, whole.inputs)
    kernel, bias = whole.solve(1e-6)
    u = (x[:, :-1] - x[:, -1:]).transpose(0, 2, 1).reshape(-1, 4)
    v = (y - x[:, -1:]).transpose(0, 2, 1).reshape(-1, 3)
    error = float(np.square(u @ kernel + bias - v).sum())
    assert whole.lost(kernel, bias) == pytest.approx(error)
    exact, *_ = np.linalg.lstsq(
        np.concatenate([u, np.ones((len(u), 1))], axis=1), v, rcond=None
    )
    np.testing.assert_allclose(kernel, exact[:-1], atol=1e-4)
    np.testing.assert_allclose(bias, exact[-1], atol=1e-4)
