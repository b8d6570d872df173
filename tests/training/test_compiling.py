"""Optimizer and schedule against their formulas, written out in NumPy."""

import keras
import numpy as np
import pytest

from kerasnotes.backends.keras_internals import moving_averages
from kerasnotes.base.config import TrainConfig
from kerasnotes.training import state
from kerasnotes.training.averaging import AveragedWeights
from kerasnotes.training.optimizers.catalog import make_optimizer
from kerasnotes.training.optimizers.schedules import make_schedule

PLAIN = {"schedule": "constant", "warmup": 0, "weight_decay": 0}


def rate(schedule, step):
    return float(keras.ops.convert_to_numpy(schedule(step)))


def expected_rate(step, total, warmup, peak):
    """Loshchilov & Hutter, eq. (5), with a linear warm-up before it."""
    if step < warmup:
        return peak * (0.01 + 0.99 * step / warmup)
    part = min(1.0, (step - warmup) / (total - warmup))
    cosine = 0.5 * (1 + np.cos(np.pi * part))
    return peak * (0.01 + 0.99 * cosine)


def tiny_model():
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input((3,)),
        keras.layers.Dense(4, name="dense"),
        keras.layers.BatchNormalization(name="norm"),
        keras.layers.Dense(2, name="logits"),
    ]
    return keras.Sequential(layers)


def apply(optimizer, variable, gradients):
    optimizer.build([variable])
    values = []
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        values.append(state.to_numpy(variable))
    return values


def test_the_schedule_warms_up_and_follows_half_a_cosine():
    train = TrainConfig(learning_rate=0.02, warmup=0.1)
    schedule = make_schedule(train, 200)
    for step in (0, 1, 10, 19, 20, 21, 65, 110, 199, 200, 250):
        expected = expected_rate(step, 200, 20, 0.02)
        assert rate(schedule, step) == pytest.approx(expected, rel=1e-4)
    assert rate(schedule, 20) == pytest.approx(0.02)
    assert rate(schedule, 200) == pytest.approx(0.0002, rel=1e-3)


def test_a_constant_rate_may_warm_up():
    train = TrainConfig(learning_rate=0.02, warmup=0.1, schedule="constant")
    schedule = make_schedule(train, 100)
    assert rate(schedule, 0) == pytest.approx(0.0002)
    assert rate(schedule, 5) == pytest.approx(0.0101)
    for step in (10, 50, 99, 500):
        assert rate(schedule, step) == pytest.approx(0.02)


def test_without_warm_up_the_first_step_has_the_peak():
    train = TrainConfig(learning_rate=0.02, warmup=0)
    assert rate(make_schedule(train, 10), 0) == pytest.approx(0.02)
    constant = TrainConfig(learning_rate=0.02, warmup=0, schedule="constant")
    assert make_schedule(constant, 10) == 0.02


def test_decay_pulls_kernels_only():
    model = tiny_model()
    train = TrainConfig(
        learning_rate=0.1, weight_decay=0.5, warmup=0, schedule="constant"
    )
    optimizer = make_optimizer(train, 10)
    variables = model.trainable_variables
    for variable in variables:
        variable.assign(keras.ops.ones(variable.shape))
    optimizer.build(variables)
    zeros = [keras.ops.zeros(v.shape) for v in variables]
    optimizer.apply(zeros, variables)
    for variable in variables:
        kernel = variable.path.endswith("kernel")
        value = 1 - 0.1 * 0.5 if kernel else 1.0
        np.testing.assert_allclose(state.to_numpy(variable), value, rtol=1e-6)
    assert len(variables) == 6


def test_adamw_with_clipping_is_its_formula():
    train = TrainConfig(
        learning_rate=0.1,
        weight_decay=0.2,
        warmup=0,
        schedule="constant",
        clip_norm=1.0,
    )
    rng = np.random.default_rng(0)
    start = rng.normal(size=(2, 3)).astype("float32")
    gradients = rng.normal(0, 3, (4, 2, 3)).astype("float32")
    gradients[2] *= 0.01
    variable = keras.Variable(start, name="kernel")
    weights = apply(make_optimizer(train, 10), variable, gradients)
    weight, m, v = start.astype("float64"), 0.0, 0.0
    for step, gradient in enumerate(gradients.astype("float64"), start=1):
        g = gradient / max(1.0, np.sqrt((gradient**2).sum()))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        weight = weight - 0.1 * 0.2 * weight
        mean, square = m / (1 - 0.9**step), v / (1 - 0.999**step)
        weight = weight - 0.1 * mean / (np.sqrt(square) + 1e-7)
        np.testing.assert_allclose(weights[step - 1], weight, rtol=2e-4)


@pytest.mark.parametrize("parts", [1, 2])
def test_the_average_is_its_formula(parts):
    """Parts are averaged one by one, to the same decay a step."""
    train = TrainConfig(learning_rate=0.1, ema=0.8, **PLAIN)
    optimizer = make_optimizer(train, 10, parts)
    rng = np.random.default_rng(0)
    gradients = rng.normal(size=(6, 4)).astype("float32")
    start = rng.normal(size=4).astype("float32")
    variable = keras.Variable(start, name="kernel")
    values = apply(optimizer, variable, gradients)
    decay, average = 0.8 ** (1 / parts), values[parts - 1]
    for value in values[parts:]:
        average = decay * average + (1 - decay) * value
    variable_average = moving_averages(optimizer)[0]
    np.testing.assert_allclose(
        state.to_numpy(variable_average), average, rtol=1e-5
    )


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_accumulated_parts_are_one_step(schedule):
    """The mean gradient of the parts, and the rate of the whole step."""
    train = TrainConfig(
        learning_rate=0.1, warmup=0.3, schedule=schedule, clip_norm=None
    )
    rng = np.random.default_rng(0)
    start = rng.normal(size=4).astype("float32")
    gradients = rng.normal(size=(20, 4)).astype("float32")
    variable = keras.Variable(start, name="kernel")
    means = gradients.reshape(10, 2, 4).mean(axis=1)
    whole = apply(make_optimizer(train, 10), variable, means)
    variable = keras.Variable(start, name="kernel")
    cut = apply(make_optimizer(train, 10, 2), variable, gradients)
    for step in range(10):
        np.testing.assert_allclose(cut[2 * step + 1], whole[step], atol=1e-5)


def test_swapping_gives_the_average_and_swapping_again_the_weights():
    model = tiny_model()
    model.compile(make_optimizer(TrainConfig(ema=0.9), 10), "mse")
    x = np.random.default_rng(0).normal(size=(8, 3)).astype("float32")
    for _ in range(3):
        model.train_on_batch(x, x[:, :2])
    averages = moving_averages(model.optimizer)
    expected = [state.to_numpy(v) for v in averages]
    before = [state.to_numpy(v) for v in model.trainable_variables]
    assert not np.allclose(before[0], expected[0])
    swap = AveragedWeights()
    swap.set_model(model)
    swap.swap()
    for variable, average in zip(
        model.trainable_variables, expected, strict=True
    ):
        np.testing.assert_array_equal(state.to_numpy(variable), average)
    swap.swap()
    for variable, value in zip(model.trainable_variables, before, strict=True):
        np.testing.assert_array_equal(state.to_numpy(variable), value)
    for variable, average in zip(averages, expected, strict=True):
        np.testing.assert_array_equal(state.to_numpy(variable), average)
