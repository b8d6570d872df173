"""Loads on a population of trusses, to be told from the strains of some bars.

Each case is a truss of ten bars in two square bays, fixed at the left. Its
modulus and the area of every bar differ from the usual by some percent, which
nobody measures; two forces pull down at the lower nodes. An input is the
measured strains of six bars; the targets are both forces. No network can
tell them exactly: intervals say how well.

    4 --0-- 2 --1-- 0       bars 4 and 5 stand, 6 to 9 are diagonals;
    |   X   |   X   |       nodes 4 and 5 are held
    5 --2-- 3 --3-- 1       forces at 1 and 3

Nothing is downloaded: `truss.py` computes the strains.

Source:
    The task: Cao et al., 2024, Aerospace 11(9), 770.
    https://doi.org/10.3390/aerospace11090770 The truss is the usual one of
    ten bars (Haftka & Gurdal, 1992, Elements of Structural Optimization).
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
from kerasnotes.data.sets.truss import Truss

NAME = "truss-loads"
SIDE = 1.0
"""Of a bay, m."""
TEN_BARS = Truss(
    nodes=SIDE * np.array([(2, 1), (2, 0), (1, 1), (1, 0), (0, 1), (0, 0)]),
    bars=np.array(
        [(4, 2), (2, 0), (5, 3), (3, 1), (3, 2), (1, 0)]
        + [(4, 3), (5, 2), (2, 1), (3, 0)]
    ),
    held=(4, 5),
)
LOADED = 1, 3
"""Nodes on which forces act, downwards."""
MEASURED = 0, 1, 2, 4, 6, 8
"""Bars whose strains are known."""
MODULUS, AREA = 70e9, 5e-4
"""Usual: Pa (aluminium) and m^2."""
LOADS = 5.0, 20.0
"""kN, drawn evenly."""
MICRO = 1e6


class TrussOptions(Config):
    """What `truss-loads:NAME=VALUE,...` can change."""

    cases: int = pydantic.Field(
        4_000, ge=20, le=1_000_000, description="trusses"
    )
    spread: float = pydantic.Field(
        0.05,
        ge=0,
        lt=1,
        description="modulus and areas differ from the usual by this part at "
        "most, drawn evenly",
    )
    noise: float = pydantic.Field(
        0.01,
        ge=0,
        le=10,
        description="standard deviation of what is added to strains, in parts "
        "of their root mean square",
    )
    seed: int = pydantic.Field(20240918, ge=0, lt=2**31, description="of all")


def draw(told: TrussOptions) -> tuple[Array, Array]:
    """Returns strains `(N, 6)`, millionths, and forces `(N, 2)`, kN."""
    rng = np.random.default_rng(told.seed)
    low, high = 1 - told.spread, 1 + told.spread
    bars, nodes = len(TEN_BARS.bars), len(TEN_BARS.nodes)
    modulus = MODULUS * rng.uniform(low, high, (told.cases, 1))
    area = AREA * rng.uniform(low, high, (told.cases, bars))
    loads = rng.uniform(*LOADS, (told.cases, len(LOADED)))
    forces = np.zeros((told.cases, 2 * nodes))
    forces[:, [2 * node + 1 for node in LOADED]] = -1e3 * loads
    strains = MICRO * TEN_BARS.strains(modulus * area, forces)[:, MEASURED]
    size = np.sqrt(np.square(strains).mean(axis=0))
    strains += told.noise * size * rng.standard_normal(strains.shape)
    return strains.astype("float32"), loads.astype("float32")


def load(config: DataConfig, problems: Problems) -> Dataset:
    """Returns the cases as a table, two measured values each.

    Raises:
        UsageError: If an option is unknown, or settings want of it what it
            is not.
    """
    check_measured(config, "The loads of a truss are")
    told = read_options(config.source, TrussOptions)
    problems.note(
        f"Computed: {told.cases:,} trusses of ten bars, modulus and areas "
        f"within {told.spread:.0%}; others by '{NAME}:spread=0.1,noise=0' and "
        f"the like: {', '.join(TrussOptions.model_fields)}."
    )
    found = make_dataset(
        {"all": draw(told)},
        config,
        problems,
        name=NAME,
        target=fields.values(
            [Column(f"load{node}", units="kN") for node in LOADED]
        ),
        features=[Column(f"strain{bar}", units="um/m") for bar in MEASURED],
    )
    if found is None:
        raise UsageError("No truss is left.", received=config.source)
    return found
