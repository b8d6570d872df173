"""A process as one object: its loss, and what it takes for the data."""

import dataclasses

import numpy as np
import pytest
from keras import ops

from kerasnotes.diffusion.choices import PARAMETERIZATIONS
from kerasnotes.diffusion.noise_schedule import make_schedule
from kerasnotes.diffusion.parameterization import coefficients, make_target
from kerasnotes.diffusion.process import Process
from kerasnotes.diffusion.training_loss import loss_weights
from tests.checks import to_numpy

SCHEDULE = make_schedule("cosine", 50)
TIMES = np.array([0, 7, 25, 49], "int32")


def batch(count=4):
    rng = np.random.default_rng(0)
    return rng.standard_normal((2, count, 3, 2)).astype("float32")


def test_the_loss_is_algorithm_1_weighted():
    """`L = w_t |v - v_theta(x_t, t)|^2`, a number for each sample."""
    x, noise = batch()
    seen = {}

    def predict(x_t, t, conditions, training=False):
        seen.update(conditions, training=training)
        return 0.5 * x_t + conditions["shift"]

    weights = loss_weights(SCHEDULE, "v", weighting="min_snr")
    process = Process(
        SCHEDULE, predict, parameterization="v", time_weights=weights
    )
    loss = process.loss(
        ops.convert_to_tensor(x), noise, TIMES, {"shift": 2.0}, training=True
    )
    ac = np.cumprod(1 - SCHEDULE.betas)[TIMES][:, None, None]
    x_t = np.sqrt(ac) * x + np.sqrt(1 - ac) * noise
    v = np.sqrt(ac) * noise - np.sqrt(1 - ac) * x
    error = ((v - (0.5 * x_t + 2.0)) ** 2).mean(axis=(1, 2))
    snr = (ac / (1 - ac))[:, 0, 0]
    want = np.minimum(snr, 5) / (snr + 1) * error
    np.testing.assert_allclose(to_numpy(loss), want, rtol=1e-4)
    assert seen == {"shift": 2.0, "training": True}
    plain = dataclasses.replace(process, time_weights=None)
    loss = plain.loss(ops.convert_to_tensor(x), noise, TIMES, {"shift": 2.0})
    np.testing.assert_allclose(to_numpy(loss), error, rtol=1e-4)
    assert seen["training"] is False


@pytest.mark.parametrize("name", PARAMETERIZATIONS)
def test_a_network_that_knows_gives_the_data_back(name):
    """At the levels of the schedule, one for all and one for each."""
    x_start, noise = map(ops.convert_to_tensor, batch())

    def predict(x_t, t, conditions):
        c = coefficients(SCHEDULE, t, x_t)
        return make_target(name, c, x_start=x_start, noise=noise)

    process = Process(SCHEDULE, predict, parameterization=name, clip=None)
    for t in (3, 25, 40):
        sigma = SCHEDULE.sigmas[t]
        got = process.denoise(x_start + float(sigma) * noise, sigma)
        np.testing.assert_allclose(
            to_numpy(got), to_numpy(x_start), rtol=1e-3, atol=1e-3
        )
    times = np.array([3, 10, 25, 40])
    sigmas = SCHEDULE.sigmas[times].astype("float32")[:, None, None]
    levels = ops.convert_to_tensor(sigmas)
    got = process.denoise(x_start + levels * noise, levels, times)
    np.testing.assert_allclose(
        to_numpy(got), to_numpy(x_start), rtol=1e-3, atol=1e-3
    )


def test_the_network_sees_x_t_and_its_time():
    seen = {}

    def predict(x_t, t, conditions):
        seen.update(x_t=to_numpy(x_t), t=to_numpy(t), conditions=conditions)
        return x_t

    x = batch()[0]
    between = np.sqrt(SCHEDULE.sigmas[10] * SCHEDULE.sigmas[11])
    Process(SCHEDULE, predict).denoise(x, between, conditions={"a": 1})
    scaled = x / np.sqrt(1 + between**2)
    np.testing.assert_allclose(seen["x_t"], scaled, rtol=1e-5)
    np.testing.assert_allclose(seen["t"], [10.5] * 4, rtol=1e-5)
    assert to_numpy(seen["conditions"]["a"]) == 1


def test_clipping_keeps_the_range():
    def predict(x_t, t, conditions):
        return 10.0 * x_t

    process = Process(SCHEDULE, predict, parameterization="x_start")
    x = np.linspace(-4, 4, 9).astype("float32")[:, None]
    got = to_numpy(process.denoise(x, 1.0, 1.0))
    assert got.min() == -1
    assert got.max() == 1
    free = dataclasses.replace(process, clip=None)
    want = 10 * x / np.sqrt(2)
    np.testing.assert_allclose(
        to_numpy(free.denoise(x, 1.0, 1.0)), want, rtol=1e-5
    )


def test_guidance_goes_further():
    """`e_u + w (e_c - e_u)`, before clipping; class 3 is none."""

    def predict(x_t, t, conditions):
        label = ops.cast(conditions["label"], x_t.dtype)
        return 0.0 * x_t + ops.reshape(label, (-1, 1, 1)) / 10

    process = Process(SCHEDULE, predict, parameterization="x_start")
    conditions = {"label": np.array([0, 1, 2, 3]), "guidance": np.float32(2)}
    got = process.guided(3).denoise(batch()[0], 1.0, 1.0, conditions)
    want = 0.3 + 2 * (np.arange(4) / 10 - 0.3)
    np.testing.assert_allclose(to_numpy(got)[:, 0, 0], want, atol=1e-6)


@pytest.mark.once
def test_it_is_frozen():
    process = Process(SCHEDULE, lambda *given: given[0])
    with pytest.raises(dataclasses.FrozenInstanceError):
        process.clip = None
