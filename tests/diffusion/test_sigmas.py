import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

from kerasnotes.base.errors import UsageError
from kerasnotes.diffusion.noise_schedule import make_schedule
from kerasnotes.diffusion.sigmas import (
    SPACINGS,
    exponential_sigmas,
    karras_sigmas,
    leading_timesteps,
    noise_levels,
    time_of_sigma,
    trailing_timesteps,
    uniform_timesteps,
)

pytestmark = pytest.mark.once
SCHEDULE = make_schedule("scaled_linear", 1000)


@pytest.mark.parametrize(
    ("spacing", "first", "last"),
    [
        (uniform_timesteps, [999, 888, 777], 0),
        (leading_timesteps, [900, 800, 700], 0),
        (trailing_timesteps, [999, 899, 799], 99),
    ],
)
def test_timesteps(spacing, first, last):
    times = spacing(1000, 10)
    assert times[:3].tolist() == first
    assert times[-1] == last
    assert len(times) == 10


@hypothesis.given(
    spacing=strategies.sampled_from(
        [uniform_timesteps, leading_timesteps, trailing_timesteps]
    ),
    total=strategies.integers(2, 2000),
    part=strategies.floats(0, 1),
)
@hypothesis.settings(max_examples=200, deadline=None)
def test_timesteps_fall_and_stay_inside(spacing, total, part):
    steps = max(1, round(part * total))
    times = spacing(total, steps)
    assert len(times) == steps
    assert np.all(np.diff(times) < 0)
    assert times[0] < total
    assert times[-1] >= 0


def test_all_timesteps_are_all():
    for spacing in (uniform_timesteps, leading_timesteps, trailing_timesteps):
        assert spacing(57, 57).tolist() == list(range(57))[::-1]


def test_karras_is_eq_5():
    levels = karras_sigmas(0.1, 10.0, 5)
    i, n, rho = np.arange(5), 5, 7
    want = 10 ** (1 / rho) + i / (n - 1) * (0.1 ** (1 / rho) - 10 ** (1 / rho))
    np.testing.assert_allclose(levels, want**rho, rtol=1e-12)
    assert levels[[0, -1]] == pytest.approx([10, 0.1])


def test_exponential_has_even_ratios():
    levels = exponential_sigmas(0.1, 10.0, 5)
    np.testing.assert_allclose(levels[1:] / levels[:-1], 10**-0.5)


@pytest.mark.parametrize("name", ["linear", "cosine", "sigmoid"])
@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("steps", [1, 2, 7, 60])
def test_levels_fall_to_zero(name, spacing, steps):
    schedule = make_schedule(name, 60)
    sigmas = noise_levels(schedule, steps, spacing)
    assert sigmas.shape == (steps + 1,)
    assert np.all(np.diff(sigmas) < 0)
    assert sigmas[-1] == 0
    if spacing != "leading":
        assert sigmas[0] == pytest.approx(schedule.sigmas[-1])


def test_times_of_levels():
    times = time_of_sigma(SCHEDULE, SCHEDULE.sigmas)
    assert times.tolist() == list(range(1000))
    # Half way in the logarithm is half way in time.
    between = np.sqrt(SCHEDULE.sigmas[10] * SCHEDULE.sigmas[11])
    assert time_of_sigma(SCHEDULE, between) == pytest.approx(10.5)
    assert time_of_sigma(SCHEDULE, [1e-9, 1e9]).tolist() == [0, 999]


@pytest.mark.parametrize("steps", [0, -1, 1001, 2.0, None])
def test_steps_out_of_range_are_refused(steps):
    with pytest.raises(UsageError, match="sampling steps") as caught:
        noise_levels(SCHEDULE, steps, "karras")
    assert "1 to 1000" in caught.value.expected


def test_an_unknown_spacing_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match="`karas`") as caught:
        noise_levels(SCHEDULE, 10, "karas")
    assert "karras" in caught.value.hint
