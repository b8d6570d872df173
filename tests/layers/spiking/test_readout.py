"""Readings against NumPy, and the losses that they make against snnTorch's."""

import keras
import numpy as np
import pytest

from kerasnotes.backends.gradients import input_gradient
from kerasnotes.layers.spiking.readout import (
    Readout,
    by_class,
    first_spike,
    read,
    so_far,
)
from kerasnotes.losses.classification import CrossEntropy
from tests.checks import to_numpy

T, B, K = 6, 4, 3
RNG = np.random.default_rng(0)
SPIKES = (RNG.random((T, B, K)) < 0.3).astype("float32")
SPIKES[:, 0, 0] = 0
MEMBRANES = RNG.normal(size=(T, B, K)).astype("float32")
Y = np.array([0, 2, 1, 1])
READINGS = {
    "rate": SPIKES,
    "count": SPIKES,
    "membrane": MEMBRANES,
    "max-membrane": MEMBRANES,
    "first-spike": SPIKES,
}


def nll(logits):
    """`-log softmax` of the right class, `(..., B)`."""
    norm = np.log(np.exp(logits).sum(-1))
    return norm - logits[..., np.arange(B), Y]


def snntorchs(reading):
    """`ce_rate_loss`, `ce_count_loss`, `ce_max_membrane_loss`, tutorial 5's,
    `ce_temporal_loss`, as snnTorch 1.0 computes them."""
    x = READINGS[reading].astype("float64")
    match reading:
        case "rate" | "membrane":
            return nll(x).mean()
        case "count":
            return nll(x.sum(0)).mean()
        case "max-membrane":
            return nll(x.max(0)).mean()
    first = np.where(x.any(0), x.argmax(0), T - 1)
    return nll(-1.0 * first).mean()


@pytest.mark.parametrize("reading", READINGS)
def test_losses_are_snntorchs(reading):
    x = keras.Input((K,))
    logits = Readout(T, K, reading)(x)
    model = keras.Model(x, keras.layers.Activation("softmax")(logits))
    folded = READINGS[reading].reshape(-1, K)
    answer = model(folded)
    assert answer.shape == (B, K)
    loss = CrossEntropy()(Y, answer) + sum(model.losses)
    expected = snntorchs(reading)
    assert float(to_numpy(loss)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("reading", READINGS)
def test_what_was_read_so_far(reading):
    values = READINGS[reading]
    found = so_far(values, reading)
    for t in range(T):
        part = keras.ops.convert_to_tensor(values[: t + 1])
        expected = to_numpy(read(part, reading))
        if reading == "first-spike":
            # Who did not fire yet may do so to the end.
            silent = ~values[: t + 1].any(0)
            expected = np.where(silent, 1 - T, expected)
        np.testing.assert_allclose(found[t], expected, atol=1e-6)


def test_a_first_spike_comes_sooner_with_a_higher_membrane():
    def times(x):
        spk = keras.ops.reshape(x, (T, B, K))
        when = first_spike(spk)
        return keras.ops.sum(when)

    _, found = input_gradient(
        times, keras.ops.convert_to_tensor(SPIKES.reshape(-1, K))
    )
    expected = np.zeros((T, B, K))
    for b in range(B):
        for k in range(K):
            spikes = np.flatnonzero(SPIKES[:, b, k])
            expected[spikes[0] if spikes.size else T - 1, b, k] = 1
    np.testing.assert_array_equal(to_numpy(found).reshape(T, B, K), expected)


def test_several_neurons_a_class():
    x = keras.ops.convert_to_tensor(RNG.random((5, 6)).astype("float32"))
    each = to_numpy(x).reshape(5, 3, 2)
    sums, means = (to_numpy(by_class(x, 3, r)) for r in ("count", "membrane"))
    np.testing.assert_allclose(sums, each.sum(-1), rtol=1e-6)
    np.testing.assert_allclose(means, each.mean(-1), rtol=1e-6)
