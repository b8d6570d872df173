"""Neurons against their equations written out in NumPy.

The equations are snnTorch's, with which spikes and gradients of `LIF`, and of
`Synaptic` and `RecurrentLIF` with a reset by subtraction, were found equal.
"""

import doctest

import keras
import numpy as np
import pytest

from kerasnotes.backends.gradients import input_gradient
from kerasnotes.layers.spiking.catalog import NEURONS
from kerasnotes.layers.spiking.lif import LIF
from tests.checks import check_layer, to_numpy

T, B, N = 25, 4, 6
RNG = np.random.default_rng(0)
X = RNG.normal(0.3, 0.6, (T, B, N)).astype("float32")
BETA, THETA = 0.9, 0.8
NEAR = 1e-5
"""Of a threshold: what rounding may decide."""


def make(kind, **given):
    layer = NEURONS[kind](T, beta=BETA, threshold=THETA, **given)
    layer.build((None, N))
    return layer


def run(layer, x=X):
    """Returns spikes and membranes `(T, B, N)`."""
    spk, mem = layer.run(list(keras.ops.convert_to_tensor(x)))
    stacked = (keras.ops.stack(list(found)) for found in (spk, mem))
    return [to_numpy(found) for found in stacked]


def same(found, expected, level=THETA):
    """Equal membranes, and spikes wherever no rounding decides."""
    spk, mem = found
    expected_spk, expected_mem = expected
    assert 0.05 < expected_spk.mean() < 0.95
    assert (abs(expected_mem - level) > NEAR).all()
    np.testing.assert_array_equal(spk, expected_spk)
    np.testing.assert_allclose(mem, expected_mem, atol=NEAR, rtol=0)


def lif_by_hand(x, reset, delay):
    """snnTorch's `Leaky`, float64."""
    mem, spk = np.zeros(x[0].shape), np.zeros(x[0].shape)
    spks, mems = [], []
    for current in x.astype("float64"):
        back = mem > THETA
        if reset == "subtract":
            mem = BETA * mem + current - back * THETA
        elif reset == "zero":
            mem = BETA * np.where(back, 0, mem) + current
        else:
            mem = BETA * mem + current
        spk = mem > THETA
        if not delay and reset == "subtract":
            mem = mem - (spk.astype(float) - back) * THETA
        elif not delay and reset == "zero":
            mem = mem - (spk.astype(float) - back) * mem
        spks.append(spk)
        mems.append(mem)
    return np.stack(spks).astype(float), np.stack(mems)


def test_the_example_of_the_documentation():
    (test,) = doctest.DocTestFinder(recurse=False).find(
        LIF, "LIF", globs={}, module=False
    )
    assert test.examples
    assert not doctest.DocTestRunner(verbose=False).run(test).failed


@pytest.mark.parametrize("delay", [True, False])
@pytest.mark.parametrize("reset", ["subtract", "zero", "none"])
def test_lif(reset, delay):
    found = run(make("lif", reset=reset, delay=delay))
    same(found, lif_by_hand(X, reset, delay))


@pytest.mark.parametrize("reset", ["subtract", "zero"])
def test_synaptic(reset):
    syn = mem = spk = np.zeros((B, N))
    spks, mems = [], []
    for current in X.astype("float64"):
        syn = 0.5 * syn + 0.3 * current
        kept = BETA * mem - spk * THETA
        if reset == "zero":
            kept = BETA * mem * (1 - spk)
        mem = kept + syn
        spk = (mem > THETA).astype(float)
        spks.append(spk)
        mems.append(mem)
    found = run(make("synaptic", alpha=0.5, reset=reset), 0.3 * X)
    same(found, (np.stack(spks), np.stack(mems)))


def test_alpha_is_its_kernel():
    """Sums of kernels over all inputs and all spikes before."""
    alpha, tau = 0.97, 1 + np.log(0.97) / (np.log(BETA) - np.log(0.97))
    spk, mem = run(make("alpha", alpha=alpha), 0.5 * X)
    ages = np.arange(T)
    rises = tau * (alpha**ages - BETA**ages)
    expected = np.stack(
        [
            np.tensordot(rises[t::-1], 0.5 * X[: t + 1], 1)
            - THETA * np.tensordot(BETA ** ages[:t][::-1], spk[:t], 1)
            for t in range(T)
        ]
    )
    same((spk, mem), (expected > THETA, expected))


def test_alpha_begins_anew():
    spk, mem = run(make("alpha", alpha=0.97, reset="zero"), 0.5 * X)
    assert spk[:-1].sum() > 9
    # The step's own current, of which both traces have the same.
    np.testing.assert_allclose(mem[1:][spk[:-1] > 0], 0, atol=1e-6)


def test_adaptive():
    mem = tired = spk = np.zeros((B, N))
    level, spks, mems, levels = THETA, [], [], []
    for current in X.astype("float64"):
        mem = BETA * mem + current - spk * level
        tired = 0.8 * tired + 0.2 * spk
        level = THETA + 1.5 * tired
        spk = (mem > level).astype(float)
        spks.append(spk)
        mems.append(mem)
        levels.append(level)
    found = run(make("adaptive", rho=0.8, strength=1.5))
    same(found, (np.stack(spks), np.stack(mems)), np.stack(levels))


def test_recurrent():
    layer = make("recurrent")
    w, b = RNG.normal(0, 0.3, (N, N)), RNG.normal(0, 0.1, N)
    layer.recurrent_kernel.assign(w)
    layer.bias.assign(b)
    mem = spk = np.zeros((B, N))
    spks, mems = [], []
    for current in X.astype("float64"):
        mem = BETA * mem + current + spk @ w + b - spk * THETA
        spk = (mem > THETA).astype(float)
        spks.append(spk)
        mems.append(mem)
    same(run(layer), (np.stack(spks), np.stack(mems)))


def test_parallel_is_lif_without_a_reset():
    layer = make("parallel")
    same(run(layer), lif_by_hand(X, "none", True))
    folded = to_numpy(layer(X.reshape(-1, N)))
    np.testing.assert_array_equal(folded.reshape(X.shape), run(layer)[0])


@pytest.mark.parametrize("kind", NEURONS)
def test_a_static_current_is_one_at_every_step(kind):
    keras.utils.set_random_seed(0)
    static = make(kind, static=True)
    folded = make(kind)
    folded.set_weights(static.get_weights())
    current = 0.3 + X[0]
    every = np.broadcast_to(current, X.shape).reshape(-1, N)
    found = to_numpy(static(current))
    assert 0 < found.mean() < 1
    np.testing.assert_array_equal(found, to_numpy(folded(every)))


@pytest.mark.parametrize("surrogate", ["arctan", "fast-sigmoid"])
def test_the_gradient_through_time(surrogate):
    """Backwards by hand: `d mem_t = g_t h(mem_t) + beta d mem_{t+1}`."""
    layer = make("lif", surrogate=surrogate)
    weights = RNG.normal(size=X.shape).astype("float32")

    def weighted(x):
        spk = keras.ops.reshape(layer(x), X.shape)
        given = keras.ops.convert_to_tensor(weights)
        return keras.ops.sum(spk * given)

    _, found = input_gradient(
        weighted, keras.ops.convert_to_tensor(X.reshape(-1, N))
    )
    v = lif_by_hand(X, "subtract", True)[1] - THETA
    slope = 1 / (1 + (np.pi * v) ** 2)
    if surrogate == "fast-sigmoid":
        slope = 1 / (1 + 25 * abs(v)) ** 2
    behind, expected = 0.0, []
    for t in reversed(range(T)):
        behind = weights[t] * slope[t] + BETA * behind
        expected.append(behind)
    np.testing.assert_allclose(
        to_numpy(found).reshape(X.shape),
        np.stack(expected[::-1]),
        atol=1e-4,
        rtol=1e-4,
    )


def test_a_learned_leak(tmp_path):
    layer = make("lif", learn_beta=True)
    same(run(layer), lif_by_hand(X, "subtract", True))
    layer.learned_beta.assign(1.5)
    assert float(to_numpy(layer.beta)) == 1
    x = RNG.normal(size=(8, 3)).astype("float32")
    check_layer(
        LIF(4, learn_beta=True, gives="membranes"), [x], (8, 3), tmp_path
    )


@pytest.mark.once
@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("alpha", {"alpha": 0.5}),
        ("alpha", {"delay": False}),
        ("parallel", {"reset": "zero"}),
    ],
)
def test_what_a_neuron_cannot_be(kind, given):
    with pytest.raises(ValueError, match="Received: "):
        make(kind, **given)
