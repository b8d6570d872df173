import diffusers
import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from kerasnotes.base.errors import UsageError
from kerasnotes.diffusion.noise_schedule import (
    SCHEDULES,
    Schedule,
    cosine_alphas_cumprod,
    linear_unscaled_betas,
    make_schedule,
)

pytestmark = pytest.mark.once


def test_cosine_values():
    schedule = make_schedule("cosine", 1000)
    betas = schedule.betas[[0, 1, 499, 998, 999]]
    want = [4.1284e-5, 4.6142e-5, 3.14589e-3, 0.749999, 0.999]
    np.testing.assert_allclose(betas, want, rtol=2e-5)
    assert schedule.alphas_cumprod[-1] == pytest.approx(2.43e-9, rel=2e-3)
    half = schedule.alphas_cumprod[499]
    assert half == pytest.approx(0.494, abs=5e-4)


def test_the_square_belongs_outside_the_cosine():
    """What the notes write turns negative; ours is theirs at no time."""
    u = np.arange(1001) / 1000
    notes = np.cos(((u + 0.008) / 1.008 * np.pi / 2) ** 2)
    assert notes[-1] == pytest.approx(-0.78, abs=0.005)
    assert np.flatnonzero(notes < 0)[0] == 797
    ours = cosine_alphas_cumprod(u)
    assert (ours >= 0).all()
    angle = (u + 0.008) / 1.008 * np.pi / 2
    np.testing.assert_allclose(ours, 0.5 + 0.5 * np.cos(2 * angle), atol=1e-12)


def test_linear_values():
    schedule = make_schedule("linear", 1000)
    assert schedule.alphas_cumprod[-1] == pytest.approx(4.0358e-5, rel=1e-4)
    assert schedule.betas[0] == pytest.approx(1e-4)
    assert schedule.betas[-1] == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("steps", "left"), [(1000, 4.0e-5), (300, 0.048), (100, 0.364)]
)
def test_the_unscaled_schedule_leaves_signal(steps, left):
    schedule = make_schedule("linear_unscaled", steps)
    assert schedule.alphas_cumprod[-1] == pytest.approx(left, rel=0.02)
    assert len(linear_unscaled_betas(steps)) == steps


def test_scaled_linear_is_that_of_latent_diffusion():
    sigmas = make_schedule("scaled_linear", 1000).sigmas
    assert sigmas[0] == pytest.approx(0.02917, abs=5e-6)
    assert sigmas[-1] == pytest.approx(14.6146, abs=5e-5)


@pytest.mark.parametrize(
    ("ours", "theirs", "ends"),
    [
        ("linear", "linear", {}),
        ("cosine", "squaredcos_cap_v2", {}),
        ("sigmoid", "sigmoid", {}),
        ("scaled_linear", "scaled_linear",
         {"beta_start": 8.5e-4, "beta_end": 1.2e-2}),
    ],
)  # fmt: skip
def test_is_diffusers(ours, theirs, ends):
    want = diffusers.DDPMScheduler(beta_schedule=theirs, **ends).betas
    np.testing.assert_allclose(
        make_schedule(ours, 1000).betas, want, rtol=2e-3, atol=1e-7
    )


def test_arrays_follow_from_betas():
    schedule = Schedule("mine", [0.1, 0.3, 0.5])
    np.testing.assert_allclose(schedule.alphas, [0.9, 0.7, 0.5])
    np.testing.assert_allclose(schedule.alphas_cumprod, [0.9, 0.63, 0.315])
    np.testing.assert_allclose(schedule.alphas_cumprod_prev, [1, 0.9, 0.63])
    np.testing.assert_allclose(schedule.signal_scale**2, [0.9, 0.63, 0.315])
    np.testing.assert_allclose(schedule.noise_scale**2, [0.1, 0.37, 0.685])
    np.testing.assert_allclose(
        schedule.posterior_variance,
        [0, 0.1 / 0.37 * 0.3, 0.37 / 0.685 * 0.5],
    )
    clipped = schedule.posterior_variance_clipped
    np.testing.assert_allclose(clipped[:2], 0.1 / 0.37 * 0.3)
    assert schedule.num_timesteps == 3


@hypothesis.given(
    name=strategies.sampled_from(sorted(SCHEDULES)),
    steps=strategies.integers(25, 3000),
)
@hypothesis.settings(max_examples=40, deadline=None)
def test_every_schedule_is_one(name, steps):
    schedule = make_schedule(name, steps)
    arrays = (schedule.snr, schedule.sigmas, schedule.posterior_variance)
    assert all(np.isfinite(each).all() for each in arrays)
    assert np.all(np.diff(schedule.alphas_cumprod) < 0)
    assert np.all(np.diff(schedule.sigmas) > 0)
    assert np.all(schedule.posterior_variance < schedule.betas)
    np.testing.assert_allclose(
        schedule.noise_scale**2, 1 - schedule.alphas_cumprod, atol=1e-12
    )


@pytest.mark.parametrize(
    ("name", "fewest"), [("linear", 21), ("sigmoid", 20), ("scaled_linear", 13)]
)
def test_too_few_timesteps_are_refused(name, fewest):
    make_schedule(name, fewest)
    with pytest.raises(UsageError, match=f"invalid for {fewest - 1}") as caught:
        make_schedule(name, fewest - 1)
    assert f"at least {fewest}" in caught.value.expected


@pytest.mark.parametrize("steps", [1, 0, -5, 2.5, None, "10"])
def test_timesteps_must_be_a_number_above_1(steps):
    with pytest.raises(UsageError, match="at least 2"):
        make_schedule("cosine", steps)


def test_an_unknown_schedule_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match="no noise schedule `cosin`") as caught:
        make_schedule("cosin", 10)
    assert "cosine" in caught.value.hint


@pytest.mark.parametrize("betas", [[0.5], [0.1, 1.0], [0.0, 0.1], [[0.1, 0.2]]])
def test_impossible_betas_are_refused(betas):
    with pytest.raises(UsageError):
        Schedule("mine", betas)


def test_a_schedule_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        make_schedule("cosine", 10).betas[0] = 1.0
