import numpy as np
import pytest
from keras import ops

from kerasnotes.diffusion.forward_process import q_sample
from kerasnotes.diffusion.noise_schedule import make_schedule
from tests.checks import to_numpy

SHAPE = (5, 4, 4, 1)
TIMES = np.array([0, 1, 40, 98, 99], "int32")


@pytest.fixture(params=["linear", "cosine"])
def schedule(request):
    return make_schedule(request.param, 100)


def draw(seed, dtype="float64"):
    rng = np.random.default_rng(seed)
    return ops.convert_to_tensor(rng.standard_normal(SHAPE).astype(dtype))


def shaped(values):
    return np.reshape(values, (-1, 1, 1, 1))


@pytest.mark.usefixtures("float64")
def test_q_sample_is_equation_4(schedule):
    x_start, noise = draw(0), draw(1)
    got = to_numpy(q_sample(schedule, x_start, t=TIMES, noise=noise))
    ac = shaped(np.cumprod(1 - schedule.betas)[TIMES])
    want = np.sqrt(ac) * to_numpy(x_start) + np.sqrt(1 - ac) * to_numpy(noise)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9)


@pytest.mark.usefixtures("float64")
def test_step_after_step_is_q_sample(schedule):
    """Equation 2 again and again: the same mean, and the same variance."""
    x = draw(2)
    zero, one = ops.zeros_like(x), ops.ones_like(x)
    at = to_numpy(q_sample(schedule, x, t=TIMES, noise=zero))
    unit = q_sample(schedule, zero, t=TIMES, noise=one)
    mean, variance = to_numpy(x), 0.0
    for t, beta in enumerate(schedule.betas):
        mean = np.sqrt(1 - beta) * mean
        variance = (1 - beta) * variance + beta
        for row in np.flatnonzero(TIMES == t):
            np.testing.assert_allclose(at[row], mean[row], rtol=1e-9)
            got = to_numpy(unit)[row] ** 2
            np.testing.assert_allclose(got, variance, rtol=1e-6)


def test_single_precision_is_kept():
    schedule = make_schedule("cosine", 100)
    x, noise = draw(0, "float32"), draw(1, "float32")
    x_t = q_sample(schedule, x, t=TIMES, noise=noise)
    assert to_numpy(x_t).dtype == np.float32
