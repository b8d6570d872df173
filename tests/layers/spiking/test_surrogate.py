"""Slopes in closed form; each is that of a function that rises like a step."""

import keras
import numpy as np
import pytest
from scipy.integrate import quad

from kerasnotes.backends.gradients import input_gradient
from kerasnotes.layers.spiking.surrogate import SLOPES, fire
from tests.checks import to_numpy

V = np.array([-2, -0.7, -0.03, 0, 0.01, 0.4, 3], "float32")[:, None]


def by_hand(kind, v, k):
    v = v.astype("float64")
    with np.errstate(over="ignore"):
        return {
            "arctan": (k / 2) / (1 + (np.pi / 2 * k * v) ** 2),
            "fast-sigmoid": 1 / (1 + k * abs(v)) ** 2,
            "sigmoid": k / (4 * np.cosh(k * v / 2) ** 2),
            "triangular": np.maximum(1 - k * abs(v), 0),
            "straight-through": np.full_like(v, k),
        }[kind]


@pytest.mark.parametrize("kind", SLOPES)
def test_a_step_with_another_slope(kind):
    slope = 3.0 if kind == "triangular" else SLOPES[kind]

    def spikes(v):
        return keras.ops.sum(fire(v, kind, slope), axis=1)

    value, gradient = input_gradient(spikes, keras.ops.convert_to_tensor(V))
    np.testing.assert_array_equal(to_numpy(value), V[:, 0] > 0)
    np.testing.assert_allclose(
        to_numpy(gradient), by_hand(kind, V, slope), rtol=1e-5, atol=1e-12
    )


@pytest.mark.once
@pytest.mark.parametrize("kind", ["arctan", "sigmoid"])
def test_some_rise_by_one(kind):
    def h(v):
        return float(by_hand(kind, np.array(v), SLOPES[kind]))

    area, _ = quad(h, -np.inf, np.inf)
    assert area == pytest.approx(1)
