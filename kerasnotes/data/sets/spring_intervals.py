"""Intervals of stiffness of a population of chains, from their modes.

    wall -k1- 1 kg -k2- 1 kg -k3- 1 kg

Each case is a chain of three masses (`spring_chain.py`). Its input is what a
modal test measures: three natural frequencies, and of each mode the square of
its mass-normalized shape at the first mass. They determine the springs
(Hochstadt); the targets are their stiffness. To learn from, springs are drawn
widely; the test part is the population, whose springs lie anywhere in narrower
intervals, corners included. The least and the greatest answers are the ends of
these intervals (`lower_end_error`, `upper_end_error` of the report).

Nothing is downloaded: the modes are computed.

Source:
    Khodaparast, Mottershead & Badcock, 2011, Mech. Syst. Signal Process.
    25(4) (interval model updating of three masses and springs).
    https://doi.org/10.1016/j.ymssp.2010.10.009
    Hochstadt, 1974, Linear Algebra Appl. 8(5) (a Jacobi matrix from its
    eigenvalues and first components).
    https://doi.org/10.1016/0024-3795(74)90077-9
"""

import itertools

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
from kerasnotes.data.sets.spring_chain import SpringChain

NAME = "spring-chain"
CHAIN = SpringChain(masses=3, groups=3, mass=1.0, excited=(0,))
WIDE = 0.6, 1.4
"""N/m: where springs are drawn to learn from."""
SEED = 20240920


class SpringOptions(Config):
    """What `spring-chain:NAME=VALUE,...` can change."""

    cases: int = pydantic.Field(
        4_000, ge=20, le=1_000_000, description="chains to learn from"
    )
    population: int = pydantic.Field(
        1_000,
        ge=8,
        le=1_000_000,
        description="chains of the test part, 8 of them at the corners",
    )
    low: float = pydantic.Field(
        0.8,
        ge=WIDE[0],
        lt=WIDE[1],
        description="least stiffness in the population, N/m",
    )
    high: float = pydantic.Field(
        1.2, gt=WIDE[0], le=WIDE[1], description="greatest, N/m"
    )
    noise: float = pydantic.Field(
        0.0,
        ge=0,
        le=1,
        description="standard deviation of what is multiplied to measurements, "
        "in parts of them",
    )

    @pydantic.model_validator(mode="after")
    def _check(self) -> "SpringOptions":
        if self.low >= self.high:
            raise ValueError(f"low={self.low} is not below high={self.high}")
        return self


def measure(stiffness: Array) -> Array:
    """Returns natural frequencies, Hz, and squared shapes, 1/kg, `(N, 6)`.

    Args:
        stiffness: N/m, `(N, 3)`, from the wall on.
    """
    squares, modes = CHAIN.modes(stiffness)
    frequencies = np.sqrt(squares) / (2 * np.pi)
    return np.concatenate([frequencies, np.square(modes[:, 0])], axis=1)


def draw(told: SpringOptions) -> dict[str, tuple[Array, Array]]:
    """Returns measurements and stiffness of both parts, by name."""
    rng = np.random.default_rng(SEED)
    ends = told.low, told.high
    learned = rng.uniform(*WIDE, (told.cases, 3))
    inside = rng.uniform(*ends, (told.population - 8, 3))
    corners = np.array(list(itertools.product(ends, repeat=3)))
    found = {}
    for name, k in (
        ("train", learned),
        ("test", np.concatenate([inside, corners])),
    ):
        x = measure(k)
        x *= 1 + told.noise * rng.standard_normal(x.shape)
        found[name] = x.astype("float32"), k.astype("float32")
    return found


def load(config: DataConfig, problems: Problems) -> Dataset:
    """Returns the chains as a table, three measured values each.

    Raises:
        UsageError: If an option is unknown, or settings want of it what it
            is not.
    """
    check_measured(config, "The springs of a chain are")
    told = read_options(config.source, SpringOptions)
    problems.note(
        f"Computed: {told.cases:,} chains of three masses, springs within "
        f"{WIDE[0]} to {WIDE[1]} N/m; the test part's within {told.low} to "
        f"{told.high}; others by '{NAME}:low=0.9,high=1.1' and the like: "
        f"{', '.join(SpringOptions.model_fields)}."
    )
    modes = range(1, 4)
    found = make_dataset(
        draw(told),
        config,
        problems,
        name=NAME,
        target=fields.values([Column(f"k{i}", units="N/m") for i in modes]),
        features=[
            *(Column(f"frequency{i}", units="Hz") for i in modes),
            *(Column(f"shape{i}", units="1/kg") for i in modes),
        ],
    )
    if found is None:
        raise UsageError("No chain is left.", received=config.source)
    return found
