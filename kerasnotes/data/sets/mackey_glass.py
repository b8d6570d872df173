"""The Mackey-Glass series: a delay differential equation, chaotic.

    dx/dt = 0.2 x(t - tau) / (1 + x(t - tau)^10) - 0.1 x(t),   x = 1.2 before 0

Nothing is downloaded: it is integrated by Runge and Kutta's method of fourth
order with steps of 0.1, delayed values between two steps by Hermite's cubic,
and a row is taken at every whole time from `tau` times ten on.

Reference:
    Mackey & Glass, 1977, Science 197, 287-289, eq. (4b) with n = 10.
    https://doi.org/10.1126/science.267326
"""

import numpy as np
import pydantic

from kerasnotes.base.config import Config, DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.fields import Column
from kerasnotes.data.problems import Problems
from kerasnotes.data.series.making import make_series
from kerasnotes.data.sets.source_options import read_options

NAME = "mackey-glass"
STEPS = 10
"""Of the integration, from one row to the next."""
START = 1.2
HORIZON, WINDOW = 24, 96
"""Unless `data.horizon` and `data.window` say another."""


class MackeyGlassOptions(Config):
    """What `mackey-glass:NAME=VALUE,...` can change."""

    tau: int = pydantic.Field(
        17, ge=1, le=300, description="the delay; chaotic from 17 on"
    )
    rows: int = pydantic.Field(3_000, ge=100, le=200_000, description="of it")


def integrate(tau: int, count: int, steps: int = STEPS) -> Array:
    """Returns `x` at times `0, 1, ..., count - 1`, float64.

    Products and quotients alone, no powers: the same bits everywhere.

    Args:
        tau: The delay, whole.
        count: How many values.
        steps: Of the integration, from one to the next.
    """
    delay, dt = tau * steps, 1.0 / steps
    x, middles, now = [START] * (delay + 1), [START] * delay, START
    for n in range((count - 1) * steps):
        # By the values a delay ago: now, half a step on, and a step on.
        late = x[n], middles[n], x[n + 1]
        grow_a, grow_m, grow_b = map(_growth, late)
        k_1 = grow_a - 0.1 * now
        k_2 = grow_m - 0.1 * (now + dt / 2 * k_1)
        k_3 = grow_m - 0.1 * (now + dt / 2 * k_2)
        k_4 = grow_b - 0.1 * (now + dt * k_3)
        now += dt / 6 * (k_1 + 2 * (k_2 + k_3) + k_4)
        slope = grow_b - 0.1 * now
        middles.append((x[-1] + now) / 2 + dt / 8 * (k_1 - slope))
        x.append(now)
    return np.array(x[delay::steps])


def _growth(x: float) -> float:
    """Returns `0.2 x / (1 + x^10)`."""
    square = x * x
    fourth = square * square
    return 0.2 * x / (1.0 + fourth * fourth * square)


def load(config: DataConfig, problems: Problems) -> Dataset:
    """Returns the series, with what follows each window as its target."""
    if config.target is not None or config.labels is not None:
        raise UsageError(
            f"{NAME} has a single column, which is forecast.",
            received=f"target={config.target}, labels={config.labels}",
        )
    told = read_options(config.source, MackeyGlassOptions)
    usual = {
        "horizon": config.horizon or HORIZON,
        "window": config.window or WINDOW,
    }
    skipped = 10 * told.tau
    values = integrate(told.tau, told.rows + skipped)[skipped:]
    return make_series(
        values[:, None].astype("float32"),
        [Column("x")],
        config.model_copy(update=usual),
        problems,
        name=NAME,
        targets=("x",),
    )
