"""Every optimizer and schedule against its formula, written out in NumPy."""

import dataclasses

import keras
import numpy as np
import pytest

from kerasnotes.base.config import SOLVERS, TrainConfig, build
from kerasnotes.base.errors import UsageError
from kerasnotes.training import state
from kerasnotes.training.optimizers.catalog import make_optimizer
from kerasnotes.training.optimizers.formulae import FORMULAE
from kerasnotes.training.optimizers.paced import Tempo
from kerasnotes.training.optimizers.rates import TIMES, adapted
from kerasnotes.training.optimizers.schedules import make_schedule

RATE, DECAY = 0.05, 0.2
PLAIN = {"schedule": "constant", "warmup": 0, "clip_norm": None}
NAMES = TrainConfig.model_json_schema()["properties"]["optimizer"]["enum"]


def formula(name):
    """Returns a step of NumPy: `formulae.py`, which torch.optim agrees with."""
    step = FORMULAE["adam" if name == "adamw" else name]
    return lambda g, kept, t: step(g, kept, t, RATE)


def moves(name, gradients, start, **changes):
    """Returns the weight after each gradient."""
    train = TrainConfig(
        optimizer=name, learning_rate=RATE, **{**PLAIN, **changes}
    )
    optimizer = make_optimizer(train, 10)
    variable = keras.Variable(start, name="kernel")
    optimizer.build([variable])
    found = []
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        found.append(state.to_numpy(variable))
    return found


@pytest.mark.parametrize("name", [*FORMULAE, "adamw"])
@pytest.mark.parametrize("decay", [0.0, DECAY])
def test_each_is_its_formula(name, decay):
    rng = np.random.default_rng(0)
    start = rng.normal(size=(3, 2)).astype("float32")
    # Keras' own have e below the root: no gradient so small that it shows.
    size = rng.uniform(0.5, 2, (5, 3, 2)).astype("float32")
    gradients = size * rng.choice((-1, 1), size.shape).astype("float32")
    found = moves(name, gradients, start, weight_decay=decay)
    weight, kept = start.astype("float64"), {}
    for step, gradient in enumerate(gradients.astype("float64"), start=1):
        weight = weight - RATE * decay * weight
        weight = weight + formula(name)(gradient, kept, step)
        np.testing.assert_allclose(found[step - 1], weight, rtol=2e-4)


def test_muon_turns_a_gradient_into_a_rotation():
    rng = np.random.default_rng(0)
    gradient = rng.normal(size=(8, 8)).astype("float32")
    start = np.zeros((8, 8), "float32")
    (after,) = moves("muon", [gradient], start, weight_decay=0.0)
    u, _, v = np.linalg.svd(gradient)
    # Five steps of Newton and Schulz bring singular values near one scale.
    found = np.linalg.svd(after, compute_uv=False)
    assert found.max() < 2 * found.min()
    turned = -after / np.linalg.norm(after) * np.sqrt(8)
    assert np.sum(turned * (u @ v)) > 0.95 * 8


@pytest.mark.once
def test_every_name_is_checked_and_has_a_rate():
    # Solvers are a note's own: their steps have no rate.
    assert {*FORMULAE, "adamw", "muon"} == set(NAMES) - {*SOLVERS}
    assert set(NAMES) - {*SOLVERS} == set(TIMES)
    defaults = {"learning_rate": 2e-3, "epochs": 3}
    assert adapted(defaults, "adamw") is defaults
    assert adapted(defaults, "sgd")["learning_rate"] == pytest.approx(0.1)
    assert adapted(defaults, "adadelta")["learning_rate"] == 1.0
    assert adapted(defaults, "adam")["weight_decay"] == 0.0
    assert adapted({}, "lion")["learning_rate"] == pytest.approx(2e-4)


@pytest.mark.parametrize("name", ["sgd", "lion", "yogi", "muon"])
def test_averages_of_any_keep_the_pace(name):
    tempo = Tempo()
    train = TrainConfig(optimizer=name, ema=0.8, **PLAIN)
    optimizer = make_optimizer(train, 10, tempo=tempo)
    assert float(optimizer.ema_momentum) == pytest.approx(0.8)
    tempo.write(dataclasses.replace(tempo.read(), speed=3.0))
    found = keras.ops.convert_to_numpy(optimizer.ema_momentum)
    assert float(found) == pytest.approx(0.8**3)


def rates(kind, total, warmup, steps):
    train = TrainConfig(schedule=kind, learning_rate=2.0, warmup=warmup)
    schedule = make_schedule(train, total)
    return [float(keras.ops.convert_to_numpy(schedule(s))) for s in steps]


def test_steps_divide_by_ten_at_a_half_and_three_quarters():
    steps = [0, 5, 10, 49, 50, 74, 75, 99, 120]
    expected = [0.02, 1.01, 2, 2, 0.2, 0.2, 0.02, 0.02, 0.02]
    assert rates("step", 100, 0.1, steps) == pytest.approx(expected)
    assert rates("step", 100, 0, [0]) == [2.0]


def test_exponential_falls_by_one_factor_to_a_hundredth():
    steps = np.arange(20, 201)
    found = rates("exponential", 200, 0.1, steps)
    expected = 2 * 0.01 ** ((steps - 20) / 180)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    assert rates("exponential", 200, 0.1, [0, 10, 900]) == pytest.approx(
        [0.02, 1.01, 0.02]
    )


def test_noam_is_the_formula_of_the_paper():
    # Vaswani et al., eq. (3), whose steps count from 1; d = 16, w = 20.
    n, d, w = np.arange(1, 201), 16, 20
    expected = d**-0.5 * np.minimum(n**-0.5, n * w**-1.5)
    found = rates("noam", 200, 0.1, n - 1)
    # The peak of `rates` is 2.
    np.testing.assert_allclose(found, 2 * expected * np.sqrt(d * w), rtol=1e-5)
    assert max(found) == pytest.approx(2.0)
    assert rates("noam", 200, 0, [0, 3]) == pytest.approx([2.0, 1.0])


def test_one_cycle_rises_and_falls_by_half_cosines():
    steps = [0, 15, 30, 65, 100, 150]
    found = rates("one-cycle", 100, 0.1, steps)
    low, end = 2 / 25, 2e-4
    expected = [low, (low + 2) / 2, 2, (2 + end) / 2, end, end]
    assert found == pytest.approx(expected, rel=1e-3)


def test_cycles_are_the_formula_of_snapshot_ensembles():
    # Huang et al., eq. (2), whose steps count from 1.
    total, cycles = 60, 3
    train = TrainConfig(
        schedule="cyclic", cycles=cycles, epochs=6, learning_rate=2.0, warmup=0
    )
    schedule = make_schedule(train, total)
    length = int(np.ceil(total / cycles))
    t = np.arange(1, total + 1)
    expected = 2.0 / 2 * (np.cos(np.pi * ((t - 1) % length) / length) + 1)
    found = [float(keras.ops.convert_to_numpy(schedule(s))) for s in t - 1]
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    assert train.cycle_ends == [2, 4, 6]
    # Cycles are whole epochs; the first of them begins with the warm-up.
    uneven = TrainConfig(schedule="cyclic", cycles=3, epochs=7, warmup=0.1)
    assert uneven.cycle_ends == [2, 5, 7]
    first = make_schedule(uneven, 70)(0)
    assert float(keras.ops.convert_to_numpy(first)) == pytest.approx(1e-5)
    for wrong in ({"epochs": 2}, {"early_stop": 3}, {"time_limit": 5.0}):
        with pytest.raises(UsageError, match="cycl"):
            build(TrainConfig, {"schedule": "cyclic", **wrong}, "train")


def test_phases_take_no_other_optimizer():
    from kerasnotes.training.compiling import make_phase_optimizer
    from tests.notes.small import make_small

    with pytest.raises(UsageError, match="AdamW"):
        make_phase_optimizer(
            make_small("gan"), TrainConfig(optimizer="sgd"), 10
        )


@pytest.mark.parametrize("name", ["adamw", "sgd", "muon"])
def test_each_weight_moves_at_its_own_rate(name):
    rng = np.random.default_rng(0)
    start = [rng.normal(size=(3, 2)).astype("float32") for _ in range(2)]
    gradients = [rng.normal(size=(3, 2)).astype("float32") for _ in range(2)]
    train = {"optimizer": name, "learning_rate": 0.1, "clip_norm": None}
    train |= {"warmup": 0, "schedule": "constant", "weight_decay": 0}
    config = TrainConfig.model_validate(train)

    def move(factors):
        weights = [
            keras.Variable(value, name=f"w{i}") for i, value in enumerate(start)
        ]
        optimizer = make_optimizer(
            config,
            10,
            factors=factors
            and {w.path: f for w, f in zip(weights, factors, strict=True)},
        )
        optimizer.build(weights)
        for _ in range(2):
            optimizer.apply(
                [keras.ops.convert_to_tensor(g) for g in gradients], weights
            )
        return [
            state.to_numpy(w) - s for w, s in zip(weights, start, strict=True)
        ]

    plain, scaled = move(None), move([0.25, 1.0])
    np.testing.assert_allclose(scaled[0], 0.25 * plain[0], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(scaled[1], plain[1], rtol=1e-5, atol=1e-7)
