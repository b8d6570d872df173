"""What the network predicts: noise, data, score, velocity, or the mean.

Given `x_t` they are linear maps of each other. With `a = sqrt(ac_t)` and
`s = sqrt(1 - ac_t)`, so that `x_t = a x_start + s noise`:

    noise     e
    x_start   x_0 = (x_t - s e) / a
    score     -e / s
    v         a e - s x_0
    mean      of q(x_{t-1} | x_t, x_0), `c_0 x_0 + c_t x_t`

Where the notes are wrong: they call predicting `x_0` "very difficult". Only
the weight of the loss differs, `|e - e'|^2 = SNR_t |x_0 - x_0'|^2`: `e` is
easy at high noise, `x_0` at low noise, `v` in between.

Reference:
    Salimans & Ho, 2022, appendix D. https://arxiv.org/abs/2202.00512
"""

from typing import NamedTuple

from kerasnotes.base.types import Tensor
from kerasnotes.diffusion.choices import (
    PARAMETERIZATIONS,
    Parameterization,
)
from kerasnotes.diffusion.lookup import lookup
from kerasnotes.diffusion.noise_schedule import Schedule


class Coefficients(NamedTuple):
    """Factors of one batch of times, each `(B, 1, ...)` or a scalar.

    Args:
        signal: `sqrt(ac_t)`.
        noise: `sqrt(1 - ac_t)`.
        mean_x_start: `c_0`; read by `mean` only.
        mean_x_t: `c_t`; read by `mean` only.
    """

    signal: Tensor
    noise: Tensor
    mean_x_start: Tensor = None
    mean_x_t: Tensor = None


def coefficients(schedule: Schedule, t: Tensor, like: Tensor) -> Coefficients:
    """Returns the factors at times `t`, `(B,)`, shaped to multiply `like`."""
    return Coefficients(
        lookup(schedule.signal_scale, t, like),
        lookup(schedule.noise_scale, t, like),
        lookup(schedule.posterior_x_start, t, like),
        lookup(schedule.posterior_x_t, t, like),
    )


def make_target(
    parameterization: Parameterization,
    c: Coefficients,
    *,
    x_start: Tensor,
    noise: Tensor,
) -> Tensor:
    """Returns what the network should have predicted, `(B, ...)`.

    Args:
        parameterization: What it predicts.
        c: Factors at the batch's times.
        x_start: Tensor `(B, ...)`.
        noise: Tensor `(B, ...)`.

    Raises:
        ValueError: If the parameterization is unknown.
    """
    if parameterization == "noise":
        return noise
    if parameterization == "x_start":
        return x_start
    if parameterization == "score":
        return -noise / c.noise
    if parameterization == "v":
        return c.signal * noise - c.noise * x_start
    if parameterization == "mean":
        x_t = c.signal * x_start + c.noise * noise
        return c.mean_x_start * x_start + c.mean_x_t * x_t
    raise _unknown(parameterization)


def to_x_start(
    parameterization: Parameterization,
    c: Coefficients,
    *,
    prediction: Tensor,
    x_t: Tensor,
) -> Tensor:
    """Returns the clean data that a prediction implies, `(B, ...)`.

    Args:
        parameterization: What `prediction` is.
        c: Factors at the batch's times.
        prediction: Tensor `(B, ...)`, the network's output.
        x_t: Tensor `(B, ...)`, the network's input.

    Raises:
        ValueError: If the parameterization is unknown.
    """
    if parameterization == "noise":
        return (x_t - c.noise * prediction) / c.signal
    if parameterization == "x_start":
        return prediction
    if parameterization == "score":
        return (x_t + c.noise * c.noise * prediction) / c.signal
    if parameterization == "v":
        return c.signal * x_t - c.noise * prediction
    if parameterization == "mean":
        return (prediction - c.mean_x_t * x_t) / c.mean_x_start
    raise _unknown(parameterization)


def _unknown(name: str) -> ValueError:
    return ValueError(
        f"`parameterization` must be one of {PARAMETERIZATIONS}. "
        f"Received: parameterization={name!r}"
    )
