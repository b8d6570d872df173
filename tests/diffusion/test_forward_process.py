import numpy as np
import pytest
from keras import ops

from kerasnotes.diffusion.forward_process import (
    mean_from_noise,
    mean_from_score,
    posterior_mean,
    q_jump,
    q_sample,
    q_step,
)
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
def test_one_step_is_equation_2(schedule):
    x, noise = draw(0), draw(1)
    got = to_numpy(q_step(schedule, x, t=TIMES, noise=noise))
    beta = shaped(schedule.betas[TIMES])
    want = np.sqrt(1 - beta) * to_numpy(x) + np.sqrt(beta) * to_numpy(noise)
    np.testing.assert_allclose(got, want, rtol=1e-12)


@pytest.mark.usefixtures("float64")
def test_step_after_step_is_a_jump(schedule):
    """In mean, with no noise, and in variance, with a unit noise a step."""
    for s, t in ((-1, 99), (20, 70), (97, 99)):
        x, zero = draw(2), ops.zeros(SHAPE, "float64")
        mean, variance = x, 0.0
        for step in range(s + 1, t + 1):
            index = np.full(5, step)
            mean = q_step(schedule, mean, t=index, noise=zero)
            beta = schedule.betas[step]
            variance = (1 - beta) * variance + beta
        jump = q_jump(schedule, x, s=s, t=t, noise=zero)
        np.testing.assert_allclose(to_numpy(mean), to_numpy(jump), rtol=1e-9)
        unit = q_jump(
            schedule, zero, s=s, t=t, noise=ops.ones(SHAPE, "float64")
        )
        np.testing.assert_allclose(to_numpy(unit) ** 2, variance, rtol=1e-9)


@pytest.mark.usefixtures("float64")
def test_a_jump_from_data_is_q_sample(schedule):
    x, noise = draw(0), draw(1)
    jump = q_jump(schedule, x, s=np.full(5, -1), t=TIMES, noise=noise)
    at_once = q_sample(schedule, x, t=TIMES, noise=noise)
    np.testing.assert_allclose(to_numpy(jump), to_numpy(at_once), rtol=1e-9)


@pytest.mark.parametrize(("s", "t"), [(5, 4), (-2, 4), (0, 100)])
def test_jumps_backwards_or_outside_are_refused(s, t):
    x = np.zeros((1, 2))
    with pytest.raises(ValueError, match=f"Received: s={s}"):
        q_jump(make_schedule("cosine", 100), x, s=s, t=t, noise=x)


@pytest.mark.usefixtures("float64")
def test_posterior_is_bayes(schedule):
    """From the product of q(x_t | x_{t-1}) and q(x_{t-1} | x_0)."""
    x_start, x_t, times = draw(0)[:3], draw(1)[:3], TIMES[1:4]
    got = to_numpy(posterior_mean(schedule, x_start, x_t=x_t, t=times))
    ac = np.cumprod(1 - schedule.betas)
    for row, t in enumerate(times):
        alpha, before = 1 - schedule.betas[t], ac[t - 1]
        precision = alpha / (1 - alpha) + 1 / (1 - before)
        pull = np.sqrt(alpha) / (1 - alpha) * to_numpy(x_t)[row]
        pull = pull + np.sqrt(before) / (1 - before) * to_numpy(x_start)[row]
        np.testing.assert_allclose(got[row], pull / precision, rtol=1e-7)
        variance = schedule.posterior_variance[t]
        assert variance == pytest.approx(1 / precision, rel=1e-9)


@pytest.mark.usefixtures("float64")
def test_three_means_agree(schedule):
    x_start, noise = draw(0), draw(1)
    x_t = q_sample(schedule, x_start, t=TIMES, noise=noise)
    scale = ops.convert_to_tensor(shaped(schedule.noise_scale[TIMES]))
    score = -noise / scale
    want = to_numpy(posterior_mean(schedule, x_start, x_t=x_t, t=TIMES))
    by_noise = mean_from_noise(schedule, noise, x_t=x_t, t=TIMES)
    by_score = mean_from_score(schedule, score, x_t=x_t, t=TIMES)
    np.testing.assert_allclose(to_numpy(by_noise), want, atol=1e-6)
    np.testing.assert_allclose(to_numpy(by_score), want, atol=1e-6)


def test_single_precision_is_kept():
    schedule = make_schedule("cosine", 100)
    x, noise = draw(0, "float32"), draw(1, "float32")
    x_t = q_sample(schedule, x, t=TIMES, noise=noise)
    assert to_numpy(x_t).dtype == np.float32
    step = q_jump(schedule, x, s=3, t=4, noise=noise)
    assert to_numpy(step).dtype == np.float32
