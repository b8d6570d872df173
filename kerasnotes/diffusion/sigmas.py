"""Noise levels: at which sigmas a sampler asks the network.

`sigma` is noise per signal, `sqrt((1 - ac) / ac)`, the same for a process
that shrinks the signal (VP, `x_t`) and one that leaves it (VE, `x_t
sqrt(1 + sigma^2)`). Levels fall, and end in 0, clean data.

Conventions of others, where they differ:
    - diffusers' `linspace` is `uniform` here for its DDPM, DDIM, PNDM, Euler
      and Heun; its DPM++ and UniPC place one level more and drop the last.
    - between two timesteps diffusers interpolates sigma, k-diffusion and
      this package its logarithm.
    - diffusers' DPM++ rounds the times of Karras levels; k-diffusion and
      this package ask the network at fractions.
    - user interfaces drop the last level but one for DPM2 and UniPC; here
      every sampler takes the levels as they are.
    - noise begins as `N(0, 1 + sigma^2)`, `x_T ~ N(0, 1)`, for all samplers,
      in k-diffusion as `N(0, sigma^2)`.

Reference:
    Karras et al., 2022, eq. (5), https://arxiv.org/abs/2206.00364; the
    timestep spacings: Lin et al., 2023, table 2,
    https://arxiv.org/abs/2305.08891
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from kerasnotes.base.errors import UsageError, unknown_name
from kerasnotes.diffusion.noise_schedule import Schedule

Array = np.ndarray[Any, Any]

RHO = 7.0
"""Karras et al.'s exponent: most steps at low noise."""


def time_of_sigma(schedule: Schedule, sigma: Any) -> Array:
    """Returns the fractional timestep of a noise level.

    Linear in `log(sigma)` between the schedule's own levels; levels beyond
    its ends take the end's time.

    Args:
        schedule: The process.
        sigma: Number or array, above 0.

    Returns:
        Array shaped as `sigma`, float64, in `[0, T - 1]`.
    """
    grid = np.arange(schedule.num_timesteps, dtype="float64")
    t = np.interp(np.log(sigma), np.log(schedule.sigmas), grid)
    # A level of the schedule itself gets its own, whole number.
    whole = np.round(t)
    return np.asarray(np.where(np.abs(t - whole) < 1e-6, whole, t))


def uniform_timesteps(num_timesteps: int, steps: int) -> Array:
    """Returns both ends and evenly between, rounded: `linspace`."""
    return np.round(np.linspace(num_timesteps - 1, 0, steps)).astype("int64")


def leading_timesteps(num_timesteps: int, steps: int) -> Array:
    """Returns multiples of `T // steps` from 0; the last is below T - 1.

    What DDPM's and DDIM's released code does. The chain starts at a level
    with signal left in it, from noise without.
    """
    ratio = num_timesteps // steps
    return np.arange(steps, dtype="int64")[::-1] * ratio


def trailing_timesteps(num_timesteps: int, steps: int) -> Array:
    """Returns T - 1 and down by `T / steps`, rounded; the last is above 0."""
    down = num_timesteps - np.arange(steps) * (num_timesteps / steps)
    return np.round(down).astype("int64") - 1


def karras_sigmas(low: float, high: float, steps: int) -> Array:
    """Returns levels evenly spaced in `sigma^(1 / 7)`, from high to low."""
    ramp = np.linspace(0.0, 1.0, steps)
    top, bottom = high ** (1 / RHO), low ** (1 / RHO)
    return np.asarray((top + ramp * (bottom - top)) ** RHO)


def exponential_sigmas(low: float, high: float, steps: int) -> Array:
    """Returns levels evenly spaced in `log(sigma)`, from high to low."""
    return np.exp(np.linspace(np.log(high), np.log(low), steps))


BY_TIME: dict[str, Callable[[int, int], Array]] = {
    "uniform": uniform_timesteps,
    "leading": leading_timesteps,
    "trailing": trailing_timesteps,
}
BY_SIGMA: dict[str, Callable[[float, float, int], Array]] = {
    "karras": karras_sigmas,
    "exponential": exponential_sigmas,
}
SPACINGS: tuple[str, ...] = (*BY_TIME, *BY_SIGMA)


def noise_levels(schedule: Schedule, steps: int, spacing: str) -> Array:
    """Returns the levels of a sampler's steps.

    Args:
        schedule: The process that the network was trained on.
        steps: Number of steps, `1 .. T`.
        spacing: One of `SPACINGS`.

    Returns:
        Array `(steps + 1,)`, float64, falling, the last one 0.

    Raises:
        UsageError: If the spacing is unknown or `steps` out of range.
    """
    check_spacing(spacing)
    total = schedule.num_timesteps
    if not isinstance(steps, int | np.integer) or not 1 <= steps <= total:
        raise UsageError(
            "the number of sampling steps does not fit the model",
            expected=f"1 to {total}, the timesteps it was trained with",
            received=f"steps={steps!r}",
        )
    if spacing in BY_TIME:
        sigmas = schedule.sigmas[BY_TIME[spacing](total, int(steps))]
    else:
        low, high = schedule.sigmas[0], schedule.sigmas[-1]
        sigmas = BY_SIGMA[spacing](low, high, int(steps))
    return np.append(sigmas, 0.0)


def check_spacing(spacing: str) -> None:
    """Raises a `UsageError` if there is no such spacing."""
    if spacing not in SPACINGS:
        raise unknown_name("noise-level schedule", spacing, SPACINGS)
