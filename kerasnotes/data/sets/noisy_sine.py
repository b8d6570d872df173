"""A sine whose noise grows towards the ends: what intervals are tried on.

    y = sin(3 x) + (0.05 + 0.25 |x|) e,    x even in [-1, 1],  e ~ N(0, 1)

The right 95 % interval is known: 1.96 deviations on either side, from 0.2
wide in the middle to 1.18 at the ends. Nothing is downloaded.
"""

import numpy as np
import pydantic

from kerasnotes.base.config import Config, DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array
from kerasnotes.data import fields
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.fields import Column
from kerasnotes.data.memory import make_dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.sets.measured_set import check_measured
from kerasnotes.data.sets.source_options import read_options

NAME = "noisy-sine"


class SineOptions(Config):
    """What `noisy-sine:NAME=VALUE,...` can change."""

    rows: int = pydantic.Field(
        5_000, ge=20, le=1_000_000, description="of the table"
    )
    seed: int = pydantic.Field(
        0, ge=0, lt=2**31, description="of inputs and noise"
    )


def deviation(x: Array) -> Array:
    """Returns the standard deviation of the noise at `x`."""
    return np.asarray(0.05 + 0.25 * np.abs(x))


def draw(rows: int, seed: int) -> tuple[Array, Array]:
    """Returns inputs `(N, 1)` and answers `(N,)`, float32."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, rows)
    y = np.sin(3 * x) + deviation(x) * rng.standard_normal(rows)
    return x[:, None].astype("float32"), y.astype("float32")


def load(config: DataConfig, problems: Problems) -> Dataset:
    """Returns the table, its target measured.

    Raises:
        UsageError: If an option is unknown or out of its range, or settings
            want of it what it is not.
    """
    told = read_options(config.source, SineOptions)
    check_measured(config, "The sine's answers are")
    found = make_dataset(
        {"all": draw(told.rows, told.seed)},
        config,
        problems,
        name=NAME,
        target=fields.values([Column("y", units=config.units or "")]),
        features=[Column("x")],
    )
    if found is None:
        raise UsageError("No row is left.", received=config.source)
    return found
