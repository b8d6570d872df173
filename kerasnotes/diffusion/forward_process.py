"""The forward process: adding noise, and what is known once it is added.

Nothing here draws: noise comes in, `N(0, 1)`, shaped as the data. `t` counts
from 0 and means "t + 1 steps done" (see `noise_schedule`).

Where the notes are wrong and this file is right:
    - the jump from s to t ignores s there; `q_jump` has mean
      `sqrt(ac_t / ac_s) x_s` and variance `1 - ac_t / ac_s`.
    - they predict `mu_q` in form 3 where `mu_theta` is meant, and leave out
      the link `score = -noise / sqrt(1 - ac_t)`: `mean_from_score`.
    - noise is subtracted "from x_0" there; it is from x_t:
      `mean_from_noise`.

Reference:
    Ho et al., 2020, section 2. https://arxiv.org/abs/2006.11239
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.diffusion.lookup import lookup
from kerasnotes.diffusion.noise_schedule import Schedule


def q_sample(
    schedule: Schedule, x_start: Tensor, *, t: Tensor, noise: Tensor
) -> Tensor:
    """Returns `x_t = sqrt(ac_t) x_start + sqrt(1 - ac_t) noise`, eq. (4).

    Args:
        schedule: The process.
        x_start: Tensor `(B, ...)`, data in `[-1, 1]`.
        t: Integer tensor `(B,)`, `0 .. T - 1`.
        noise: Tensor `(B, ...)`, `N(0, 1)`.

    Returns:
        Tensor `(B, ...)`.
    """
    return (
        lookup(schedule.signal_scale, t, x_start) * x_start
        + lookup(schedule.noise_scale, t, x_start) * noise
    )


def q_step(
    schedule: Schedule, x_before: Tensor, *, t: Tensor, noise: Tensor
) -> Tensor:
    """Returns `x_t = sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) noise`, eq. (2).

    Args:
        schedule: The process.
        x_before: Tensor `(B, ...)`, `x_{t-1}`; for t = 0, the data.
        t: Integer tensor `(B,)`, `0 .. T - 1`.
        noise: Tensor `(B, ...)`, `N(0, 1)`.

    Returns:
        Tensor `(B, ...)`.
    """
    return (
        lookup(np.sqrt(schedule.alphas), t, x_before) * x_before
        + lookup(np.sqrt(schedule.betas), t, x_before) * noise
    )


def q_jump(
    schedule: Schedule, x_s: Tensor, *, s: Any, t: Any, noise: Tensor
) -> Tensor:
    """Returns `x_t` from `x_s`, any number of steps at once.

    `x_t = sqrt(ac_t / ac_s) x_s + sqrt(1 - ac_t / ac_s) noise`.

    Args:
        schedule: The process.
        x_s: Tensor `(B, ...)`.
        s: Integer, or integer array `(B,)`, `-1 .. T - 1`; -1 is the data.
        t: Integer, or integer array `(B,)`, `s .. T - 1`.
        noise: Tensor `(B, ...)`, `N(0, 1)`.

    Returns:
        Tensor `(B, ...)`.

    Raises:
        ValueError: If `s` or `t` is out of range or `t` below `s`.
    """
    s, t = np.asarray(s), np.asarray(t)
    if np.any(s < -1) or np.any(t < s) or np.any(t >= schedule.num_timesteps):
        raise ValueError(
            f"need -1 <= s <= t < {schedule.num_timesteps}. "
            f"Received: s={s}, t={t}"
        )
    # Sums of logarithms: 1 - ac_t / ac_s cancels where t is close to s.
    logs = np.append(0.0, np.cumsum(np.log1p(-schedule.betas)))
    gap = logs[t + 1] - logs[s + 1]
    return (
        _shaped(np.exp(0.5 * gap), x_s) * x_s
        + _shaped(np.sqrt(-np.expm1(gap)), x_s) * noise
    )


def _shaped(values: Any, like: Tensor) -> Tensor:
    dtype = keras.backend.standardize_dtype(like.dtype)
    tensor = ops.convert_to_tensor(np.asarray(values, dtype))
    return ops.reshape(tensor, (-1,) + (1,) * (len(like.shape) - 1))


def posterior_mean(
    schedule: Schedule, x_start: Tensor, *, x_t: Tensor, t: Tensor
) -> Tensor:
    """Returns the mean of `q(x_{t-1} | x_t, x_start)`, eq. (7).

    `sqrt(ac_{t-1}) beta_t / (1 - ac_t) x_start
    + sqrt(alpha_t) (1 - ac_{t-1}) / (1 - ac_t) x_t`; its variance is
    `Schedule.posterior_variance`.

    Args:
        schedule: The process.
        x_start: Tensor `(B, ...)`, known or predicted.
        x_t: Tensor `(B, ...)`.
        t: Integer tensor `(B,)`, `0 .. T - 1`.

    Returns:
        Tensor `(B, ...)`.
    """
    return (
        lookup(schedule.posterior_x_start, t, x_t) * x_start
        + lookup(schedule.posterior_x_t, t, x_t) * x_t
    )


def mean_from_noise(
    schedule: Schedule, noise: Tensor, *, x_t: Tensor, t: Tensor
) -> Tensor:
    """Returns `(x_t - beta_t / sqrt(1 - ac_t) noise) / sqrt(alpha_t)`.

    Equal to `posterior_mean` where `x_start` is not clipped; eq. (11).

    Args:
        schedule: The process.
        noise: Tensor `(B, ...)`, known or predicted.
        x_t: Tensor `(B, ...)`.
        t: Integer tensor `(B,)`.

    Returns:
        Tensor `(B, ...)`.
    """
    part = lookup(schedule.betas / schedule.noise_scale, t, x_t)
    return (x_t - part * noise) * lookup(1 / np.sqrt(schedule.alphas), t, x_t)


def mean_from_score(
    schedule: Schedule, score: Tensor, *, x_t: Tensor, t: Tensor
) -> Tensor:
    """Returns `(x_t + beta_t score) / sqrt(alpha_t)`.

    `score = grad log q(x_t) = -noise / sqrt(1 - ac_t)`.

    Args:
        schedule: The process.
        score: Tensor `(B, ...)`, known or predicted.
        x_t: Tensor `(B, ...)`.
        t: Integer tensor `(B,)`.

    Returns:
        Tensor `(B, ...)`.

    Reference:
        Luo, 2022, eq. (133). https://arxiv.org/abs/2208.11970
    """
    part = lookup(schedule.betas, t, x_t)
    return (x_t + part * score) * lookup(1 / np.sqrt(schedule.alphas), t, x_t)
