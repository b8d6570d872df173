"""A table of values of a formula: `formula:"exp(sin(pi*x)+y**2)"`.

Or of one of physics, by its number or its name: `formula:I.6.2`. Inputs are
drawn evenly between limits; nothing is downloaded.

Source:
    The formula by default is the paper's: Liu et al., 2024, section 2.4.
    https://arxiv.org/abs/2404.19756
"""

import re

import numpy as np
import pydantic

from kerasnotes.base.config import Config, DataConfig
from kerasnotes.base.errors import DataError, UsageError, did_you_mean
from kerasnotes.base.types import Array
from kerasnotes.data import fields
from kerasnotes.data.dataset import Dataset, Split
from kerasnotes.data.fields import Column
from kerasnotes.data.memory import make_dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.sets.expressions import Expression
from kerasnotes.data.sets.feynman import FEYNMAN, Formula
from kerasnotes.data.sets.measured_set import check_measured
from kerasnotes.data.sets.source_options import read_options
from kerasnotes.data.spec import Spec

NAME = "formula"
USUAL = "exp(sin(pi*x)+y**2)"
MOST_NAMES = 20
"""Variables of a formula."""
ANSWER = "f"


class FormulaOptions(Config):
    """What `formula:FORMULA;NAME=VALUE,...` can change."""

    rows: int = pydantic.Field(
        3_000, ge=20, le=1_000_000, description="of the table"
    )
    low: float | None = pydantic.Field(
        None, ge=-1e6, le=1e6, description="least input; null: -1"
    )
    high: float | None = pydantic.Field(
        None, ge=-1e6, le=1e6, description="largest input; null: 1"
    )
    noise: float = pydantic.Field(
        0.0,
        ge=0,
        le=1e6,
        description="standard deviation of what is added to the answers",
    )
    seed: int = pydantic.Field(
        20240430, ge=0, lt=2**31, description="of inputs and noise"
    )


_NUMBER = re.compile(r"[IVX]+\.\d+\.\d+\w*")
"""Of Feynman's lectures: volume, chapter, equation."""


def told_of(source: str) -> tuple[Formula, FormulaOptions]:
    """Returns which formula a source names, and how it is drawn from.

    Args:
        source: `formula`, `formula:I.6.2`, `formula:x**2;rows=500`.

    Raises:
        UsageError: If it cannot be read, or an option is unknown.
    """
    text, _, rest = source.partition(":")[2].partition(";")
    told = read_options(f"{NAME}:{rest}", FormulaOptions)
    formula = FEYNMAN.get(text.strip()) or _of_text(text.strip() or USUAL)
    if told.low is not None or told.high is not None:
        low = -1.0 if told.low is None else told.low
        high = 1.0 if told.high is None else told.high
        if low >= high:
            raise UsageError(
                "Nothing lies between the limits of the inputs.",
                expected="low below high",
                received=f"low={low:g}, high={high:g}",
            )
        variables = {
            name: (units, low, high)
            for name, (units, _, _) in formula.variables.items()
        }
        formula = Formula(
            formula.title,
            formula.text,
            formula.answer,
            formula.units,
            variables,
        )
    return formula, told


def _of_text(text: str) -> Formula:
    if _NUMBER.fullmatch(text):
        raise UsageError(
            f"No formula of physics here has the number {text}.",
            expected="one of " + ", ".join(FEYNMAN),
            received=text,
            hint=did_you_mean(text, FEYNMAN),
        )
    names = Expression(text).names
    if not 1 <= len(names) <= MOST_NAMES:
        raise UsageError(
            "A formula has variables, which are drawn.",
            expected=f"1 to {MOST_NAMES} names, such as x",
            received=f"{len(names)} in {ascii(text)}",
            hint="physics by number: " + ", ".join(FEYNMAN),
        )
    # A variable may be called as the answer is.
    answer = ANSWER
    while answer in names:
        answer += "_"
    plain = ("", -1.0, 1.0)
    return Formula("", text, answer, "", dict.fromkeys(names, plain))


def draw(formula: Formula, told: FormulaOptions) -> tuple[Array, Array]:
    """Returns inputs `(N, D)` and answers `(N,)`, float32.

    Raises:
        UsageError: If an answer is no finite number.
    """
    rng = np.random.default_rng(told.seed)
    limits = np.array([part[1:] for part in formula.variables.values()])
    low, high = limits.T
    shape = told.rows, len(limits)
    x = rng.uniform(low, high, shape).astype("float32")
    columns = dict(zip(formula.variables, x.T, strict=True))
    exact = Expression(formula.text)(columns)
    y = (exact + told.noise * rng.standard_normal(told.rows)).astype("float32")
    wrong = int((~np.isfinite(y)).sum())
    if wrong:
        raise UsageError(
            f"{formula.text} has no value for {wrong} of {told.rows} inputs.",
            expected="finite values between the limits of its inputs",
            received="a pole, a root or a logarithm of what has none, or "
            "numbers that are too large",
            hint=f"other limits: '{NAME}:{formula.text};low=0.1,high=2'",
        )
    return x, y


def outline(config: DataConfig) -> tuple[Spec, Split]:
    """Returns the description of `load`'s set, and its training part.

    Raises:
        UsageError: As `load`.
        DataError: If there are too few rows.
    """
    problems = Problems()
    data = load(config, problems)
    problems.raise_any(config)
    if data is None:
        raise DataError(f"There is no example in {config.source}.")
    return data.spec, data.train


def load(config: DataConfig, problems: Problems) -> Dataset | None:
    """Returns the table, its target measured.

    Raises:
        UsageError: If the formula cannot be read, or settings want of it
            what it is not.
    """
    check_measured(config, "The values of a formula are")
    formula, told = told_of(config.source)
    title = f" ({formula.title})" if formula.title else ""
    problems.note(
        f"Computed: {formula.answer} = {formula.text}{title}, {told.rows:,} "
        f"rows; others by '{NAME}:x*y;rows=500,low=0,high=2' and the like: "
        f"{', '.join(FormulaOptions.model_fields)}."
    )
    units = config.units or formula.units
    return make_dataset(
        {"all": draw(formula, told)},
        config,
        problems,
        name=NAME,
        target=fields.values([Column(formula.answer, units=units)]),
        features=[
            Column(name, units=part[0])
            for name, part in formula.variables.items()
        ],
    )
