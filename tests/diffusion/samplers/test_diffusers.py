"""Against `diffusers`: equal network output in, equal trajectory out.

Where conventions differ, and what is compared:
    - diffusers' DDPM, DDIM, PNDM, DPM++ and UniPC hold `x_t`, its Euler,
      Euler ancestral and Heun `x_t sqrt(1 + sigma^2)`, as ours all do
      inside.
    - with a clipped `x_start` our noise is what fits it:
      `use_clipped_model_output=True` there.
    - `linspace` there is our `uniform` for DDPM, DDIM, PNDM, Euler and
      Heun; its DPM++ and UniPC place one level more and drop the last. Euler
      and Heun do not round the times, and interpolate sigma, not its
      logarithm: equal where the times are whole.
    - its PNDM ends at the level of timestep 0, unless `set_alpha_to_one`.
    - its DDPM leaves out noise at timestep 0 only: with `trailing` and the
      large variance its last step is noisy. Ours never is.
    - noise of Euler and Heun begins as `N(0, sigma^2)` there for `linspace`;
      ours as `N(0, 1 + sigma^2)`, that is `x_T ~ N(0, 1)`, for every sampler.
"""

import diffusers
import numpy as np
import pytest
from keras import ops

from kerasnotes.diffusion.noise_schedule import make_schedule
from kerasnotes.diffusion.process import Process
from kerasnotes.diffusion.sampling_loop import SamplingLoop
from kerasnotes.diffusion.sigmas import noise_levels, time_of_sigma

from . import running

torch = pytest.importorskip("torch")

T = 1000
SCHEDULE = make_schedule("scaled_linear", T)
SHAPE = (2, 3, 4)


def network(x_t, t, tanh):
    """A network with no weights that bends, and looks at the time."""
    return tanh(x_t * (1.5 - t / T) + 0.3 * t / T)


def keras_network(x_t, t, conditions):
    return network(x_t, ops.reshape(t, (-1, 1, 1)), ops.tanh)


@pytest.fixture(scope="module")
def loop():
    return SamplingLoop(Process(SCHEDULE, keras_network, clip=None).denoise)


@pytest.fixture(scope="module")
def clipped_loop():
    return SamplingLoop(Process(SCHEDULE, keras_network).denoise)


def scheduler(name, **options):
    cls = getattr(diffusers, f"{name}Scheduler")
    betas = SCHEDULE.betas.astype("float32")
    return cls(num_train_timesteps=T, trained_betas=betas, **options)


def their_path(theirs, steps, times, x, *, scaled=False):
    """Runs a scheduler with our network, asked at our times.

    Returns:
        Array `(calls, B, ...)`: the sample after every call.
    """
    theirs.set_timesteps(steps)
    assert len(theirs.timesteps) == len(times)
    sample, points = torch.from_numpy(x), []
    for t, ours in zip(theirs.timesteps, times, strict=True):
        given = theirs.scale_model_input(sample, t) if scaled else sample
        answer = network(given, float(ours), torch.tanh)
        sample = theirs.step(answer, t, sample).prev_sample
        points.append(sample.numpy())
    return np.stack(points)


def in_x_t(points, levels):
    scale = np.sqrt(1 + np.asarray(levels) ** 2)
    return points / scale.reshape(-1, 1, 1, 1)


def check(loop, table, theirs, *, steps, noise=None, scaled=False, last=None):
    """Compares both at every level up to the index `last`."""
    rng = np.random.default_rng(0)
    x_t = rng.standard_normal(SHAPE).astype("float32")
    x = x_t * np.sqrt(1 + table.sigmas[0] ** 2).astype("float32")
    ours = running.run_path(loop, table, x, schedule=SCHEDULE, noise=noise)
    times = time_of_sigma(SCHEDULE, table.sigmas)
    first = x if scaled else x_t
    want = their_path(theirs, steps, times, first, scaled=scaled)
    want = want[table.step_rows - 1]
    if not scaled:
        ours = in_x_t(ours, table.after[table.step_rows - 1])
    np.testing.assert_allclose(ours[:last], want[:last], rtol=1e-4, atol=1e-4)


@pytest.fixture
def fed_noise(monkeypatch):
    """Makes diffusers draw from a list, which is returned."""
    rng = np.random.default_rng(1)
    noise = list(rng.standard_normal((60, *SHAPE)).astype("float32"))
    draws = iter(noise)

    def randn_tensor(shape, **options):
        return torch.from_numpy(next(draws))

    for module in ("ddpm", "euler_ancestral_discrete"):
        monkeypatch.setattr(
            f"diffusers.schedulers.scheduling_{module}.randn_tensor",
            randn_tensor,
        )
    return noise


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
@pytest.mark.parametrize("variance", ["fixed_small", "fixed_large"])
def test_ddpm(loop, clipped_loop, fed_noise, variance, spacing, clip):
    steps = 25
    theirs = scheduler(
        "DDPM",
        variance_type=variance,
        timestep_spacing=spacing,
        clip_sample=clip,
    )
    ours = "uniform" if spacing == "linspace" else spacing
    sigmas = noise_levels(SCHEDULE, steps, ours)
    table = running.make("ddpm", sigmas, variance=variance)
    if spacing != "leading":
        # Its step goes to `t - T // steps`, whatever the next timestep is.
        theirs.previous_timestep = _next_in(theirs)
    noise = fed_noise[: table.noisy.sum()]
    used = clipped_loop if clip else loop
    noisy_end = spacing == "trailing" and variance == "fixed_large"
    last = -1 if noisy_end else None
    check(used, table, theirs, steps=steps, noise=noise, last=last)


def _next_in(theirs):
    def previous_timestep(t):
        steps = theirs.timesteps.tolist()
        return [*steps, -1][steps.index(int(t)) + 1]

    return previous_timestep


@pytest.mark.parametrize("clip", [False, True])
@pytest.mark.parametrize("eta", [0.0, 1.0])
def test_ddim(loop, clipped_loop, eta, clip):
    steps = 20
    theirs = scheduler("DDIM", clip_sample=clip, timestep_spacing="leading")
    sigmas = noise_levels(SCHEDULE, steps, "leading")
    table = running.make("ddim", sigmas, eta=eta)
    rng = np.random.default_rng(1)
    noise = rng.standard_normal((steps, *SHAPE)).astype("float32")
    _feed(theirs, noise, eta=eta, use_clipped_model_output=clip)
    used = clipped_loop if clip else loop
    check(
        used, table, theirs, steps=steps, noise=noise[: table.noisy.sum()]
    )  # fmt: skip


def _feed(theirs, noise, **options):
    draws, step = iter(noise), theirs.step

    def fed(answer, t, sample):
        draw = torch.from_numpy(next(draws)) if options["eta"] else None
        return step(answer, t, sample, variance_noise=draw, **options)

    theirs.step = fed


@pytest.mark.parametrize("steps", [10, 28])
def test_euler(loop, steps):
    theirs = scheduler("EulerDiscrete")
    sigmas = noise_levels(SCHEDULE, steps, "uniform")
    table = running.make("euler", sigmas)
    check(loop, table, theirs, steps=steps, scaled=True)
    np.testing.assert_allclose(theirs.sigmas, sigmas, rtol=1e-4)
    times = time_of_sigma(SCHEDULE, sigmas[:-1])
    np.testing.assert_allclose(theirs.timesteps, times, atol=1e-3)


@pytest.mark.parametrize("spacing", ["karras", "exponential"])
def test_euler_at_other_levels(loop, spacing):
    theirs = scheduler("EulerDiscrete", **{f"use_{spacing}_sigmas": True})
    sigmas = noise_levels(SCHEDULE, 12, spacing)
    table = running.make("euler", sigmas)
    check(loop, table, theirs, steps=12, scaled=True)
    np.testing.assert_allclose(theirs.sigmas, sigmas, rtol=1e-4)
    times = time_of_sigma(SCHEDULE, sigmas[:-1])
    np.testing.assert_allclose(theirs.timesteps, times, atol=1e-2)


def test_euler_ancestral(loop, fed_noise):
    theirs = scheduler("EulerAncestralDiscrete")
    sigmas = noise_levels(SCHEDULE, 10, "uniform")
    table = running.make("euler_ancestral", sigmas)
    noise = fed_noise[: table.noisy.sum()]
    check(loop, table, theirs, steps=10, noise=noise, scaled=True)


@pytest.mark.parametrize("karras", [False, True])
def test_heun(loop, karras):
    theirs = scheduler("HeunDiscrete", use_karras_sigmas=karras)
    sigmas = noise_levels(SCHEDULE, 10, "karras" if karras else "uniform")
    table = running.make("heun", sigmas)
    check(loop, table, theirs, steps=10, scaled=True)


def test_dpmpp_2m_karras(loop):
    theirs = scheduler("DPMSolverMultistep", use_karras_sigmas=True)
    sigmas = noise_levels(SCHEDULE, 20, "karras")
    table = running.make("dpmpp_2m", sigmas)
    check(loop, table, theirs, steps=20)
    np.testing.assert_allclose(theirs.sigmas, sigmas, rtol=1e-4)
    # Times are rounded there; a network takes fractions here.
    times = np.round(time_of_sigma(SCHEDULE, sigmas[:-1]))
    assert np.abs(theirs.timesteps.numpy() - times).max() <= 1


@pytest.mark.parametrize(
    ("name", "ours"),
    [("DPMSolverMultistep", "dpmpp_2m"), ("UniPCMultistep", "unipc")],
)
def test_multistep_at_timesteps(loop, name, ours):
    """At their levels: `linspace` with one more, of which the last goes."""
    theirs = scheduler(name)
    theirs.set_timesteps(15)
    index = np.round(np.linspace(T - 1, 0, 16)).astype(int)[:-1]
    sigmas = np.append(SCHEDULE.sigmas[index], 0.0)
    np.testing.assert_allclose(theirs.sigmas, sigmas, rtol=1e-4)
    check(loop, running.make(ours, sigmas), theirs, steps=15)


def test_unipc_karras(loop):
    theirs = scheduler("UniPCMultistep", use_karras_sigmas=True)
    theirs.set_timesteps(12)
    sigmas = theirs.sigmas.numpy().astype("float64")
    check(loop, running.make("unipc", sigmas), theirs, steps=12)


@pytest.mark.parametrize("to_one", [False, True])
def test_pndm(loop, to_one):
    theirs = scheduler("PNDM", skip_prk_steps=True, set_alpha_to_one=to_one)
    sigmas = noise_levels(SCHEDULE, 20, "leading")
    if not to_one:
        # The last step, from timestep 0 to its own level, does nothing.
        sigmas = sigmas[:-1]
        last = running.make("pndm", sigmas)
        ours = _path_without_last(loop, last, theirs)
        np.testing.assert_allclose(*ours, rtol=1e-4, atol=1e-4)
        return
    check(loop, running.make("pndm", sigmas), theirs, steps=20)


def _path_without_last(loop, table, theirs):
    rng = np.random.default_rng(0)
    x_t = rng.standard_normal(SHAPE).astype("float32")
    x = x_t * np.sqrt(1 + table.sigmas[0] ** 2)
    ours = running.run_path(loop, table, x, schedule=SCHEDULE)[-1]
    times = np.append(time_of_sigma(SCHEDULE, table.sigmas), 0.0)
    want = their_path(theirs, 20, times, x_t)[-1]
    return ours / np.sqrt(1 + table.after[-1] ** 2), want
