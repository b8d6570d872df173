import numpy as np
import pytest
from keras import ops

from kerasnotes.diffusion.choices import PARAMETERIZATIONS, WEIGHTINGS
from kerasnotes.diffusion.forward_process import q_sample
from kerasnotes.diffusion.noise_schedule import make_schedule
from kerasnotes.diffusion.parameterization import coefficients, make_target
from kerasnotes.diffusion.training_loss import (
    loss_weights,
    training_loss,
    weighted_error,
)
from tests.checks import to_numpy

SCHEDULE = make_schedule("cosine", 50)
TIMES = np.array([0, 1, 25, 48, 49], "int32")


def batch(dtype="float64"):
    rng = np.random.default_rng(0)
    arrays = rng.standard_normal((3, 5, 3, 3, 1)).astype(dtype)
    return [ops.convert_to_tensor(each) for each in arrays]


def as_prediction(name, x_hat, x_t):
    """What a network of that kind says when it believes in `x_hat`."""
    c = coefficients(SCHEDULE, TIMES, x_t)
    e_hat = (x_t - c.signal * x_hat) / c.noise
    return make_target(name, c, x_start=x_hat, noise=e_hat)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("weighting", ["variational", "min_snr"])
def test_one_belief_costs_the_same_in_every_form(weighting):
    x_start, noise, error = batch()
    x_t = q_sample(SCHEDULE, x_start, t=TIMES, noise=noise)
    losses = []
    for name in PARAMETERIZATIONS:
        weights = loss_weights(SCHEDULE, name, weighting=weighting)
        guess = as_prediction(name, x_start + 0.1 * error, x_t)
        loss = training_loss(
            lambda x_t, t, guess=guess: guess,
            SCHEDULE,
            x_start=x_start,
            noise=noise,
            t=TIMES,
            parameterization=name,
            weights=weights,
        )
        losses.append(to_numpy(loss))
        assert losses[-1].shape == (5,)
    for loss in losses[1:]:
        np.testing.assert_allclose(loss, losses[0], rtol=1e-5)


@pytest.mark.usefixtures("float64")
def test_variational_weight_is_the_divergence():
    """KL of two Gaussians with one variance, in nats a dimension."""
    x_start, noise, error = batch()
    x_hat = x_start + 0.1 * error
    weights = loss_weights(SCHEDULE, "x_start", weighting="variational")
    got = to_numpy(weighted_error(x_hat, x_start, weights=weights, t=TIMES))
    ac = np.cumprod(1 - SCHEDULE.betas)
    for row, t in enumerate(TIMES[1:], start=1):
        c_0 = np.sqrt(ac[t - 1]) * SCHEDULE.betas[t] / (1 - ac[t])
        variance = (1 - ac[t - 1]) / (1 - ac[t]) * SCHEDULE.betas[t]
        gap = c_0 * 0.1 * to_numpy(error)[row]
        assert got[row] == pytest.approx((gap**2).mean() / (2 * variance))
        snr = ac / (1 - ac)
        half = (snr[t - 1] - snr[t]) / 2
        assert weights[t] == pytest.approx(half, rel=1e-9)


@pytest.mark.once
def test_simple_is_plain_but_for_score_and_mean():
    for name in ("noise", "x_start", "v"):
        np.testing.assert_array_equal(loss_weights(SCHEDULE, name), 1.0)
    ac = np.cumprod(1 - SCHEDULE.betas)
    score = loss_weights(SCHEDULE, "score")
    np.testing.assert_allclose(score, 1 - ac, rtol=1e-9)
    per_noise = SCHEDULE.betas / np.sqrt((1 - ac) * (1 - SCHEDULE.betas))
    mean = loss_weights(SCHEDULE, "mean")
    np.testing.assert_allclose(mean, per_noise**-2, rtol=1e-9)


@pytest.mark.once
def test_min_snr_is_the_papers():
    ac = np.cumprod(1 - SCHEDULE.betas)
    snr = ac / (1 - ac)
    want = {
        "x_start": np.minimum(snr, 5),
        "noise": np.minimum(snr, 5) / snr,
        "v": np.minimum(snr, 5) / (snr + 1),
    }
    for name, weights in want.items():
        got = loss_weights(SCHEDULE, name, weighting="min_snr")
        np.testing.assert_allclose(got, weights, rtol=1e-9)


@pytest.mark.once
def test_variational_weight_of_noise_is_equation_12():
    t = np.arange(1, 50)
    ac = np.cumprod(1 - SCHEDULE.betas)
    beta, alpha = SCHEDULE.betas[t], 1 - SCHEDULE.betas[t]
    want = beta**2 / (2 * beta * alpha * (1 - ac[t]))
    got = loss_weights(
        SCHEDULE, "noise", weighting="variational", variance="fixed_large"
    )
    np.testing.assert_allclose(got[1:], want, rtol=1e-9)


def test_loss_is_algorithm_1():
    x_start, noise, _ = batch("float32")
    loss = training_loss(
        lambda x_t, t: 0.5 * x_t, SCHEDULE, x_start=x_start, noise=noise,
        t=TIMES,
    )  # fmt: skip
    ac = np.reshape(np.cumprod(1 - SCHEDULE.betas)[TIMES], (-1, 1, 1, 1))
    x, e = to_numpy(x_start), to_numpy(noise)
    x_t = np.sqrt(ac) * x + np.sqrt(1 - ac) * e
    want = ((e - 0.5 * x_t) ** 2).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(to_numpy(loss), want, rtol=1e-5)


@pytest.mark.once
def test_all_weights_are_finite_and_positive():
    for schedule in (SCHEDULE, make_schedule("linear", 1000)):
        for name in PARAMETERIZATIONS:
            for weighting in WEIGHTINGS:
                weights = loss_weights(schedule, name, weighting=weighting)
                assert np.isfinite(weights).all()
                assert (weights > 0).all()


@pytest.mark.once
@pytest.mark.parametrize(
    "wrong",
    [{"weighting": "snr"}, {"weighting": "min_snr", "gamma": 0.0}],
)
def test_wrong_weightings_are_refused(wrong):
    with pytest.raises(ValueError, match="`weighting` must be one of"):
        loss_weights(SCHEDULE, "noise", **wrong)


@pytest.mark.once
def test_an_unknown_parameterization_is_refused():
    with pytest.raises(ValueError, match="'eps'"):
        loss_weights(SCHEDULE, "eps")
