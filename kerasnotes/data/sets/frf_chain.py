"""Frequency responses of damped chains, and what the chains are made of.

An inverse problem: from the responses of a structure, as a shaker and
accelerometers measure them, find its stiffness and damping. Each example is
one chain (`spring_chain.py`) whose parameters are drawn evenly between
limits. Its input is an image `(F, P, E)` of log10 of the accelerance's
magnitude, frequencies down, places across, a channel for each place of the
force (the free end and the middle), with normal noise added; its targets
are the stiffness of each group of springs and the damping ratio.

Nothing is downloaded: the responses are computed from eigen-solutions.

Source:
    The shape of the task, with a satellite's finite elements in place of a
    chain: Zhang, Deng & Zhao, 2021, Mech. Adv. Mater. Struct. 28(14).
    https://doi.org/10.1080/15376494.2019.1681037
"""

import hashlib
import math

import numpy as np
import pydantic

from kerasnotes.base.config import Config, DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array
from kerasnotes.data import fields
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.fields import Column, Field
from kerasnotes.data.memory_split import MemorySplit
from kerasnotes.data.problems import Problems
from kerasnotes.data.sets.source_options import read_options
from kerasnotes.data.sets.spring_chain import SpringChain
from kerasnotes.data.spec import Spec
from kerasnotes.data.splitting import PARTS

NAME = "frf-chain"
MASS = 1.0
"""Of each body, kg."""
STIFFNESS = (4.0, 12.0)
"""Of each group's springs, kN/m: 8 kN/m, half as much, half as much again."""
DAMPING = (1.0, 5.0)
"""Ratio of every mode, percent."""
SEED = 20210101
"""The set is the same everywhere; the year of the paper."""
VALUES = (-4.0, 2.0)
"""Of log10 of the magnitude, about: black and white of a picture."""
MOST = 1_000_000_000
"""Numbers that a set may have."""
CHUNK = 2**22
"""Complex numbers computed at a time."""


class ChainOptions(Config):
    """What `frf-chain:NAME=VALUE,...` can change."""

    cases: int = pydantic.Field(
        4_000,
        ge=8,
        le=1_000_000,
        description="chains of the training part; a tenth as many, but 8 at "
        "least, in each of the others",
    )
    noise: float = pydantic.Field(
        0.02,
        ge=0,
        le=10,
        description="standard deviation, of log10 of the magnitude",
    )
    masses: int = pydantic.Field(11, ge=2, le=64, description="of a chain")
    groups: int = pydantic.Field(
        3, ge=1, le=64, description="of springs, each of one stiffness"
    )
    frequencies: int = pydantic.Field(
        61, ge=2, le=4_096, description="evenly spaced"
    )
    lowest: float = pydantic.Field(0.5, gt=0, le=1e4, description="Hz")
    highest: float = pydantic.Field(30.5, gt=0, le=1e4, description="Hz")
    seed: int = pydantic.Field(
        SEED, ge=0, lt=2**31, description="of parameters and noise"
    )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of an input: frequencies, places, forces."""
        return self.frequencies, self.masses, len(self.chain.excited)

    @property
    def chain(self) -> SpringChain:
        ends = (self.masses - 1, self.masses // 2 - 1)
        return SpringChain(self.masses, self.groups, MASS, ends)

    @property
    def hertz(self) -> Array:
        return np.linspace(self.lowest, self.highest, self.frequencies)

    @property
    def counts(self) -> dict[str, int]:
        """Chains of each part."""
        few = max(8, self.cases // 10)
        return dict(zip(PARTS, (self.cases, few, few), strict=True))


def options(source: str) -> ChainOptions:
    """Returns what a source's name tells.

    Raises:
        UsageError: If it is out of range, or nothing that can be computed.
    """
    found = read_options(source, ChainOptions)
    size = sum(found.counts.values()) * int(np.prod(found.shape))
    wrong = (
        f"highest={found.highest:g}, lowest={found.lowest:g}"
        if found.highest <= found.lowest
        else f"groups={found.groups}, masses={found.masses}"
        if found.groups > found.masses
        else f"{size:,} numbers"
        if size > MOST
        else ""
    )
    if wrong:
        raise UsageError(
            f"There is no `{source}`.",
            expected="lowest below highest, no more groups than masses, "
            f"{MOST:,} numbers in all at most",
            received=wrong,
        )
    return found


def target(groups: int) -> Field:
    """Returns what is to be found of a chain, drawn evenly from limits."""

    def column(name: str, units: str, limits: tuple[float, float]) -> Column:
        low, high = limits
        deviation = (high - low) / math.sqrt(12)
        return Column(
            name, units=units, mean=(low + high) / 2, deviation=deviation
        )

    springs = [
        column(f"stiffness {i + 1}", "kN/m", STIFFNESS) for i in range(groups)
    ]
    return fields.values([*springs, column("damping", "%", DAMPING)])


def responses(told: ChainOptions, values: Array) -> Array:
    """Returns accelerances `(N, F, P, E)`, complex.

    Args:
        told: What the chains are like.
        values: What they are made of, `(N, G + 1)`, kN/m and percent.
    """
    return told.chain.accelerance(
        1e3 * values[:, :-1], values[:, -1] / 100, told.hertz
    )


def simulate(told: ChainOptions, count: int, part: int) -> tuple[Array, Array]:
    """Returns inputs `(N, F, P, E)` and targets `(N, G + 1)`, float32."""
    rng = np.random.default_rng([told.seed, part])
    y = np.column_stack(
        [
            rng.uniform(*STIFFNESS, (count, told.groups)),
            rng.uniform(*DAMPING, count),
        ]
    )
    x = np.empty((count, *told.shape), "float32")
    step = max(1, CHUNK // int(np.prod(told.shape)))
    for start in range(0, count, step):
        some = slice(start, start + step)
        exact = np.log10(np.abs(responses(told, y[some])))
        x[some] = exact + told.noise * rng.standard_normal(exact.shape)
    return x, y.astype("float32")


class ChainSplit(MemorySplit):
    """Responses, and the chains that they come from.

    Args:
        x: Array `(N, F, P, E)`.
        y: Array `(N, G + 1)`.
        told: What the chains are like.
    """

    def __init__(self, x: Array, y: Array, told: ChainOptions) -> None:
        super().__init__(x, y)
        self._told = told

    @property
    def frequencies(self) -> Array:
        return self._told.hertz

    def take(self, rows: Array) -> "ChainSplit":
        return ChainSplit(self.x[rows], self.y[rows], self._told)

    def respond(self, values: Array) -> Array:
        # A network may answer with what is no chain: no stiffness, or less.
        least = np.array([STIFFNESS[0]] * self._told.groups + [DAMPING[0]])
        return responses(self._told, np.maximum(values, least / 100))


def outline(config: DataConfig) -> tuple[Spec, range]:
    """Returns the description of `load`'s set, and as many training rows.

    Raises:
        UsageError: If the options do not fit.
    """
    told = options(config.source)
    if config.labels == "classes":
        raise UsageError(
            f"{NAME} is a regression: its targets are measured.",
            received="data.labels=classes",
        )
    field = fields.image(told.shape, "float32", VALUES)
    return Spec(NAME, (field,), (target(told.groups),)), range(told.cases)


def load(config: DataConfig, problems: Problems) -> Dataset | None:
    """Returns responses as images, and what the chains are made of."""
    spec, _ = outline(config)
    told = options(config.source)
    parts = {
        name: simulate(told, count, number)
        for number, (name, count) in enumerate(told.counts.items())
    }
    problems.note(
        f"Computed: chains of {told.masses} masses, {told.groups} groups of "
        f"springs, noise {told.noise:g}; other ones by {NAME}:noise=0.1 and "
        f"the like: {', '.join(ChainOptions.model_fields)}."
    )
    # Last digits of eigenvalues differ from machine to machine.
    digest = hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()
    train, validation, test = (
        ChainSplit(x, y, told) for x, y in parts.values()
    )
    return Dataset(spec, train, validation, test, digest)
