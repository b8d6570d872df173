"""Codes against snnTorch's formulae in NumPy, and what they promise."""

import keras
import numpy as np
import pytest

from kerasnotes.layers.spiking.encode import Encode
from kerasnotes.layers.spiking.encodings import (
    delta_code,
    latency,
    latency_code,
    rate_code,
)
from tests.checks import check_layer, to_numpy

RNG = np.random.default_rng(0)
T = 12
X = np.array([0.0, 0.004, 0.02, 0.11, 0.5, 0.77, 1.0], "float32")


def tensor(x):
    return keras.ops.convert_to_tensor(x)


def test_rate_is_bernoullis():
    draws = RNG.random((4000, 7)).astype("float32")
    found = to_numpy(rate_code(tensor(X), tensor(draws)))
    np.testing.assert_array_equal(found, draws < X)
    np.testing.assert_allclose(found.mean(axis=0), X, atol=0.03)
    assert not found[:, 0].any()
    assert found[:, -1].all()


@pytest.mark.parametrize("kind", ["linear", "logarithmic"])
def test_latency(kind):
    """`latency_code(normalize=True)` of snnTorch, its example too."""
    theta = np.float32(0.01)
    x = X.astype("float64")
    if kind == "linear":
        expected = np.minimum(-(T - 1) * (x - 1), (T - 1) * (1 - theta))
    else:
        x = np.maximum(x, 0.01 + 1e-7)
        expected = np.log(x / (x - 0.01))
        expected *= (T - 1) / expected.max()
    found = to_numpy(latency(tensor(X), T, kind))
    # A number at the threshold is one near a pole.
    np.testing.assert_allclose(found[2:], expected[2:], rtol=1e-4)
    np.testing.assert_allclose(found[:2], expected[:2], rtol=0.05)
    told = to_numpy(latency(tensor(X[[4, 6]]), 5, kind))
    example = [2.0, 0.0] if kind == "linear" else [0.0070, 0.0035]
    if kind == "linear":
        np.testing.assert_allclose(told, example, atol=1e-6)


def test_the_larger_the_sooner_and_once():
    for kind in ("linear", "logarithmic"):
        spikes = to_numpy(latency_code(tensor(X), T, kind))
        # What is below the threshold is silent.
        assert spikes.sum(axis=0).tolist() == [0, 0, 1, 1, 1, 1, 1]
        when = spikes.argmax(axis=0)[2:]
        assert (np.diff(when) <= 0).all()
        assert when[-1] == 0


def test_delta():
    """snnTorch's own example, `padding=True, off_spike=True`."""
    x = tensor(np.array([1, 2, 0, 2, 2.9], "float32"))
    assert to_numpy(delta_code(x, 1.0)).tolist() == [0, 1, -1, 1, 0]


def test_a_rate_is_drawn_anew_in_training_alone():
    layer = Encode(T, "rate", seed=3)
    x = tensor(np.full((5, 4), 0.5, "float32"))
    calm, again = (to_numpy(layer(x, training=False)) for _ in range(2))
    np.testing.assert_array_equal(calm, again)
    # An answer depends on its example alone.
    one = calm.reshape(T, 5, 4)
    np.testing.assert_array_equal(one, one[:, :1].repeat(5, axis=1))
    first, second = (to_numpy(layer(x, training=True)) for _ in range(2))
    assert (first != second).any()
    rows = first.reshape(T, 5, 4)
    assert (rows[:, 0] != rows[:, 1]).any()
    assert 0.35 < first.mean() < 0.65


def test_a_series_has_its_own_time(tmp_path):
    x = RNG.random((3, T, 2)).astype("float32")
    found = to_numpy(Encode(T, "direct", series=True)(x))
    np.testing.assert_array_equal(found.reshape(T, 3, 2), x.swapaxes(0, 1))
    changes = to_numpy(Encode(T, "delta", series=True, threshold=0.3)(x))
    steps = np.diff(x, axis=1, prepend=x[:, :1])
    expected = 1.0 * (steps >= 0.3) - 1.0 * (steps <= -0.3)
    np.testing.assert_array_equal(
        changes.reshape(T, 3, 2), expected.swapaxes(0, 1)
    )
    layer = Encode(T, "delta", series=True)
    check_layer(layer, [x], (3 * T, 2), tmp_path)
