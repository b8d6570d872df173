import diffusers
import numpy as np
import pytest
from keras import ops

from kerasnotes.diffusion.choices import PARAMETERIZATIONS
from kerasnotes.diffusion.forward_process import q_sample
from kerasnotes.diffusion.noise_schedule import make_schedule
from kerasnotes.diffusion.parameterization import (
    coefficients,
    make_target,
    to_x_start,
)
from tests.checks import to_numpy

torch = pytest.importorskip("torch")

SCHEDULE = make_schedule("linear", 100)
TIMES = np.array([0, 1, 50, 99], "int32")


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    x_start, noise = rng.standard_normal((2, 4, 3, 3, 1))
    x_start, noise = map(ops.convert_to_tensor, (x_start, noise))
    x_t = q_sample(SCHEDULE, x_start, t=TIMES, noise=noise)
    return x_start, noise, x_t


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", PARAMETERIZATIONS)
def test_a_perfect_prediction_gives_back_the_data(name, batch):
    x_start, noise, x_t = batch
    c = coefficients(SCHEDULE, TIMES, x_t)
    target = make_target(name, c, x_start=x_start, noise=noise)
    x = to_x_start(name, c, prediction=target, x_t=x_t)
    np.testing.assert_allclose(to_numpy(x), to_numpy(x_start), atol=1e-6)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", PARAMETERIZATIONS)
def test_any_prediction_is_the_target_of_what_it_implies(name, batch):
    """However wrong the network is: there and back is the same number."""
    _, _, x_t = batch
    c = coefficients(SCHEDULE, TIMES, x_t)
    guess = ops.cos(3.0 * x_t)
    x = to_x_start(name, c, prediction=guess, x_t=x_t)
    noise = (x_t - c.signal * x) / c.noise
    back = make_target(name, c, x_start=x, noise=noise)
    np.testing.assert_allclose(to_numpy(back), to_numpy(guess), atol=1e-6)


@pytest.mark.usefixtures("float64")
def test_targets_are_the_formulae(batch):
    x_start, noise, x_t = batch
    c = coefficients(SCHEDULE, TIMES, x_t)
    ac = np.reshape(np.cumprod(1 - SCHEDULE.betas)[TIMES], (-1, 1, 1, 1))
    x, e = to_numpy(x_start), to_numpy(noise)
    want = {
        "noise": e,
        "x_start": x,
        "score": -e / np.sqrt(1 - ac),
        "v": np.sqrt(ac) * e - np.sqrt(1 - ac) * x,
        "mean": posterior_mean(x, to_numpy(x_t)),
    }
    for name in PARAMETERIZATIONS:
        got = make_target(name, c, x_start=x_start, noise=noise)
        np.testing.assert_allclose(to_numpy(got), want[name], rtol=1e-7)


def posterior_mean(x, x_t):
    """The mean of q(x_{t-1} | x_t, x_0), by Bayes' rule.

    From the precisions of q(x_t | x_{t-1}) and q(x_{t-1} | x_0); at t = 0
    the latter is infinite, and the mean the data.
    """
    ac, means = np.cumprod(1 - SCHEDULE.betas), []
    for row, t in enumerate(TIMES):
        if t == 0:
            means.append(x[row])
            continue
        alpha, before = 1 - SCHEDULE.betas[t], ac[t - 1]
        precision = alpha / (1 - alpha) + 1 / (1 - before)
        pull = np.sqrt(alpha) / (1 - alpha) * x_t[row]
        pull = pull + np.sqrt(before) / (1 - before) * x[row]
        means.append(pull / precision)
    return np.stack(means)


def test_v_is_diffusers(batch):
    theirs = diffusers.DDPMScheduler(
        trained_betas=SCHEDULE.betas.astype("float32"), num_train_timesteps=100
    )
    x, e = (to_numpy(each).astype("float32") for each in batch[:2])
    c = coefficients(SCHEDULE, TIMES, ops.convert_to_tensor(x))
    want = theirs.get_velocity(
        torch.from_numpy(x), torch.from_numpy(e), torch.from_numpy(TIMES).long()
    )
    got = to_numpy(make_target("v", c, x_start=x, noise=e))
    np.testing.assert_allclose(got, want.numpy(), atol=1e-5)


def test_an_unknown_name_is_refused(batch):
    x_start, noise, x_t = batch
    c = coefficients(SCHEDULE, TIMES, x_t)
    with pytest.raises(ValueError, match="'epsilon'"):
        make_target("epsilon", c, x_start=x_start, noise=noise)
    with pytest.raises(ValueError, match="'epsilon'"):
        to_x_start("epsilon", c, prediction=noise, x_t=x_t)
