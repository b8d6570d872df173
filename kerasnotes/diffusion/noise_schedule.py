"""Noise schedules: how much noise each of the T steps adds, in float64.

Arrays are 0-based and hold T entries: index `t` means "t + 1 noise steps
done", so `alphas_cumprod[t] = prod_{i=0..t} (1 - beta_i)`, and what comes
before index 0 is clean data, `alphas_cumprod_prev[0] = 1`.

Where the notes are wrong and this file is right:
    - cosine: they write `cos((...)^2)`. The square belongs outside, as in
      `cosine_alphas_cumprod`; theirs turns negative at t = 797 of 1,000.
    - cosine: their formula has no clip; without `beta <= 0.999` the last
      beta is 1 and `1 / sqrt(alpha)` infinite.
    - linear, scaled by 1000 / T: valid only for T >= 21; below, a beta
      reaches 1 and `alphas_cumprod` 0 or less. Here that is a `UsageError`.
    - linear, unscaled: a second form, unremarked; it destroys the signal
      only at T of about 1,000 (at T = 100, 36 % are left). Both are here
      and have names of their own, `linear` and `linear_unscaled`.
"""

import dataclasses
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np

from kerasnotes.base.errors import UsageError, unknown_name

Array = np.ndarray[Any, Any]

REFERENCE_STEPS = 1000
"""The T for which the ends of the linear schedules were chosen."""


@dataclasses.dataclass(frozen=True, eq=False)
class Schedule:
    """The betas of a diffusion process and all that follows from them.

    Every array is `(T,)`, float64.

    Args:
        name: What it was made by.
        betas: Variances that the steps add, in `(0, 1)`.

    Raises:
        UsageError: If a beta is not in `(0, 1)` or there are fewer than 2.
    """

    name: str
    betas: Array

    def __post_init__(self) -> None:
        betas = np.array(self.betas, "float64")
        if betas.ndim != 1 or len(betas) < 2:
            raise UsageError(
                "a noise schedule needs at least 2 steps",
                received=f"betas of shape {betas.shape}",
            )
        if not (np.all(betas > 0) and np.all(betas < 1)):
            raise UsageError(
                f"noise schedule `{self.name}` is invalid for "
                f"{len(betas)} steps: a variance leaves (0, 1)",
                expected="every beta above 0 and below 1",
                received=f"betas from {betas.min():.4g} to {betas.max():.4g}",
                hint="more timesteps, or another schedule",
            )
        betas.flags.writeable = False
        object.__setattr__(self, "betas", betas)

    @property
    def num_timesteps(self) -> int:
        """T."""
        return len(self.betas)

    @cached_property
    def alphas(self) -> Array:
        return np.asarray(1.0 - self.betas)

    @cached_property
    def alphas_cumprod(self) -> Array:
        """Share of the signal's variance that is left after step t."""
        return np.cumprod(self.alphas)

    @cached_property
    def alphas_cumprod_prev(self) -> Array:
        return np.append(1.0, self.alphas_cumprod[:-1])

    @cached_property
    def signal_scale(self) -> Array:
        """`sqrt(alphas_cumprod)`, the factor of `x_start` in `x_t`."""
        return np.sqrt(self.alphas_cumprod)

    @cached_property
    def noise_scale(self) -> Array:
        """`sqrt(1 - alphas_cumprod)`, the factor of the noise in `x_t`."""
        return np.sqrt(self._noise_variance)

    @cached_property
    def _noise_variance(self) -> Array:
        # 1 - cumprod(1 - beta), without the cancellation at small t.
        return np.asarray(-np.expm1(np.cumsum(np.log1p(-self.betas))))

    @cached_property
    def snr(self) -> Array:
        """Signal-to-noise ratio, `alphas_cumprod / (1 - alphas_cumprod)`."""
        return np.asarray(self.alphas_cumprod / self._noise_variance)

    @cached_property
    def sigmas(self) -> Array:
        """Noise per signal, `sqrt((1 - alphas_cumprod) / alphas_cumprod)`."""
        return np.asarray(1.0 / np.sqrt(self.snr))

    @cached_property
    def posterior_variance(self) -> Array:
        """Variance of `q(x_{t-1} | x_t, x_0)`, "fixed small"; 0 at t = 0.

        Reference:
            Ho et al., 2020, eq. (7). https://arxiv.org/abs/2006.11239
        """
        before = np.append(0.0, self._noise_variance[:-1])
        return np.asarray(self.betas * before / self._noise_variance)

    @cached_property
    def posterior_variance_clipped(self) -> Array:
        """The same with entry 1 in place of entry 0, for its logarithm.

        Reference:
            Nichol & Dhariwal, 2021, section 3.1, and their released code.
            https://arxiv.org/abs/2102.09672
        """
        return np.append(
            self.posterior_variance[1], self.posterior_variance[1:]
        )

    @cached_property
    def posterior_x_start(self) -> Array:
        """Factor of `x_start` in the mean of `q(x_{t-1} | x_t, x_0)`."""
        return (
            np.sqrt(self.alphas_cumprod_prev)
            * self.betas
            / self._noise_variance
        )

    @cached_property
    def posterior_x_t(self) -> Array:
        """Factor of `x_t` in the mean of `q(x_{t-1} | x_t, x_0)`."""
        before = np.append(0.0, self._noise_variance[:-1])
        return np.asarray(np.sqrt(self.alphas) * before / self._noise_variance)


def linear_betas(
    num_timesteps: int, start: float = 1e-4, end: float = 2e-2
) -> Array:
    """Returns `linspace(s * start, s * end, T)` with `s = 1000 / T`.

    Reference:
        Ho et al., 2020, section 4, for T = 1000; the scaling is that of
        Nichol & Dhariwal's released code.
    """
    scale = REFERENCE_STEPS / num_timesteps
    return np.linspace(scale * start, scale * end, num_timesteps)


def linear_unscaled_betas(num_timesteps: int) -> Array:
    """Returns `linspace(1e-4, 2e-2, T)`, whatever T."""
    return np.linspace(1e-4, 2e-2, num_timesteps)


def scaled_linear_betas(
    num_timesteps: int, start: float = 8.5e-4, end: float = 1.2e-2
) -> Array:
    """Returns betas linear in their square root, scaled by 1000 / T.

    What latent diffusion calls "linear" and `diffusers` "scaled_linear".

    Reference:
        Rombach et al., 2022, released code (`make_beta_schedule`), for
        T = 1000. https://arxiv.org/abs/2112.10752
    """
    scale = REFERENCE_STEPS / num_timesteps
    return scale * np.linspace(start**0.5, end**0.5, num_timesteps) ** 2


def cosine_alphas_cumprod(u: Array, offset: float = 0.008) -> Array:
    """Returns `cos^2(pi / 2 (u + s) / (1 + s))`, not yet divided by `f(0)`.

    Args:
        u: Times `t / T`, in `[0, 1]`.
        offset: `s`, keeps the first betas from vanishing.

    Reference:
        Nichol & Dhariwal, 2021, eq. (17). https://arxiv.org/abs/2102.09672
    """
    angle = (np.asarray(u, "float64") + offset) / (1.0 + offset) * np.pi / 2
    return np.cos(angle) ** 2


def cosine_betas(num_timesteps: int, largest: float = 0.999) -> Array:
    """Returns `min(1 - f(t + 1) / f(t), 0.999)`, `f` the squared cosine."""
    f = cosine_alphas_cumprod(np.arange(num_timesteps + 1) / num_timesteps)
    return np.minimum(1.0 - f[1:] / f[:-1], largest)


def sigmoid_betas(
    num_timesteps: int, start: float = 1e-4, end: float = 2e-2
) -> Array:
    """Returns betas that rise from `start` to `end` as a sigmoid on [-6, 6].

    Scaled by 1000 / T, as the linear schedule.

    Reference:
        Xu et al., 2022, GeoDiff, released code; for T = 1000.
        https://arxiv.org/abs/2203.02923
    """
    scale = REFERENCE_STEPS / num_timesteps
    ramp = 1.0 / (1.0 + np.exp(-np.linspace(-6.0, 6.0, num_timesteps)))
    return scale * (ramp * (end - start) + start)


SCHEDULES: dict[str, Callable[[int], Array]] = {
    "linear": linear_betas,
    "linear_unscaled": linear_unscaled_betas,
    "scaled_linear": scaled_linear_betas,
    "cosine": cosine_betas,
    "sigmoid": sigmoid_betas,
}


def make_schedule(name: str, num_timesteps: int = REFERENCE_STEPS) -> Schedule:
    """Returns a noise schedule by its name.

    Args:
        name: A key of `SCHEDULES`.
        num_timesteps: T, at least 2; the scaled schedules need more.

    Raises:
        UsageError: If the name is unknown, or the schedule invalid for T.
    """
    if name not in SCHEDULES:
        raise unknown_name("noise schedule", name, SCHEDULES)
    if not isinstance(num_timesteps, int | np.integer) or num_timesteps < 2:
        raise UsageError(
            "the number of timesteps must be an integer of at least 2",
            received=f"num_timesteps={num_timesteps!r}",
        )
    betas = SCHEDULES[name](int(num_timesteps))
    if betas.max() >= 1.0:
        raise UsageError(
            f"noise schedule `{name}` is invalid for {num_timesteps} "
            "timesteps: a step would add all noise and more",
            expected=f"at least {_fewest(name)} timesteps",
            received=f"num_timesteps={num_timesteps}, "
            f"largest beta {betas.max():.4g}",
            hint="more timesteps, or the `cosine` schedule, valid for any",
        )
    return Schedule(name, betas)


def _fewest(name: str) -> int:
    """Returns the smallest T whose betas all stay below 1."""
    return next(
        steps
        for steps in range(2, REFERENCE_STEPS)
        if SCHEDULES[name](steps).max() < 1.0
    )
