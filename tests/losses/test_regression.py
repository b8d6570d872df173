"""Losses of measured values against NumPy and scikit-learn; skill."""

import keras
import numpy as np
import pytest
from sklearn.metrics import mean_pinball_loss

from kerasnotes.losses.regression import (
    StandardizedAbsoluteError,
    StandardizedHuber,
    StandardizedPinball,
    StandardizedSquaredError,
)
from kerasnotes.metrics.skill import Skill
from tests.checks import to_numpy

DEVIATIONS = [10.0, 0.5]
RNG = np.random.default_rng(0)
Y = RNG.normal((1e3, -3), (10, 0.5), (50, 2)).astype("float32")
P = (Y + RNG.normal(0, (12, 0.8), (50, 2))).astype("float32")
ERROR = (Y.astype("float64") - P) / DEVIATIONS


def value(loss):
    return float(to_numpy(loss(Y, P)))


def test_absolute_and_squared():
    found = value(StandardizedAbsoluteError(DEVIATIONS))
    assert found == pytest.approx(np.abs(ERROR).mean(), rel=1e-4)
    found = value(StandardizedSquaredError(DEVIATIONS))
    assert found == pytest.approx((ERROR**2).mean(), rel=1e-4)


@pytest.mark.parametrize("delta", [0.1, 1.0, 50.0])
def test_huber(delta):
    size = np.abs(ERROR)
    expected = np.where(
        size <= delta, size**2 / 2, delta * (size - delta / 2)
    ).mean()
    loss = StandardizedHuber(DEVIATIONS, delta)
    assert value(loss) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("quantile", [0.05, 0.5, 0.9])
def test_pinball_is_scikit_learns(quantile):
    scaled, zero = ERROR.reshape(-1), np.zeros(ERROR.size)
    expected = mean_pinball_loss(scaled, zero, alpha=quantile)
    loss = StandardizedPinball(DEVIATIONS, quantile)
    assert value(loss) == pytest.approx(expected, rel=1e-4)


def test_a_constant_learns_the_quantile_it_aims_at():
    y = RNG.exponential(1, (400, 1)).astype("float32")
    answers = np.linspace(0, 4, 401)
    loss = StandardizedPinball([1.0], 0.8)
    lost = [float(to_numpy(loss(y, np.full_like(y, a)))) for a in answers]
    assert answers[np.argmin(lost)] == pytest.approx(
        np.quantile(y, 0.8), abs=0.02
    )


@pytest.mark.parametrize(
    "loss",
    [
        StandardizedHuber(DEVIATIONS, 0.7),
        StandardizedPinball(DEVIATIONS, 0.3),
        StandardizedAbsoluteError(DEVIATIONS),
    ],
)
def test_a_loss_is_made_again_from_its_configuration(loss):
    twin = keras.losses.deserialize(keras.losses.serialize(loss))
    assert value(twin) == value(loss)


def test_skill_of_squares_about_the_mean_is_r2():
    means = Y.mean(axis=0, dtype="float64").tolist()
    skill = Skill(StandardizedSquaredError([1.0, 1.0]), means)
    for part in np.array_split(np.arange(50), 3):
        skill.update_state(Y[part], P[part])
    squares = ((Y.astype("float64") - P) ** 2).sum()
    floor = ((Y.astype("float64") - means) ** 2).sum()
    assert float(skill.result()) == pytest.approx(1 - squares / floor, abs=1e-3)
