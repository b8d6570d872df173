"""Rows of tables as sequences: what puts them in order, what they hold."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.fields import Column
from kerasnotes.data.meaning import columns, precision, regression
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.series_table import (
    find_time,
    read_rows,
    told_times,
)
from kerasnotes.data.readers.tables.table_file import (
    TableFile,
    open_table,
    to_array,
)
from kerasnotes.data.readers.tables.table_rows import model_columns
from kerasnotes.data.spec import Spec

if TYPE_CHECKING:
    import polars as pl

_STEP = re.compile(
    r"(time|t|date|datetime|(time)?[_ ]?(stamp|step)|frame|tick|cycle|seconds"
    r"|index)([_ ]?(id|idx|no|nr|number))?( ?[(\[].*[)\]])?"
)
"""What columns of numbers are called that put rows in order."""


def find_step(
    table: TableFile, frame: "pl.DataFrame", named: str | None, place: str
) -> str:
    """Returns the column that puts rows in order; nothing if none does.

    Args:
        table: The file.
        frame: Its rows, as of `read_rows`.
        named: The column that the user names.
        place: The file, for messages.

    Raises:
        DataError: If there is no such column, or several hold days.
    """
    found = find_time(table, frame, named, place)
    plain = [n for n in table.names if n not in table.texts]
    steps = (name for name in plain if _STEP.fullmatch(name.lower()))
    return found or next(steps, "")


def step_values(
    table: TableFile, frame: "pl.DataFrame", name: str, problems: Problems
) -> Array | None:
    """Returns what rows are put in order by, `(N,)`; `None` if it is none.

    Args:
        table: The file.
        frame: Its rows.
        name: The column's; it may be a plain number.
        problems: Told of what is no time.
    """
    if name in frame.columns and frame[name].dtype.is_numeric():
        values = frame[name].to_numpy()
        bad = int((~np.isfinite(values)).sum())
        if bad:
            text = f"{bad:,} rows have no number there"
            problems.add("bad stamp", f"column {name}", text)
            return None
        return values
    times = told_times(table, frame, name, problems)
    return None if times is None else np.asarray(times.values)


def are_steps(values: Array) -> bool:
    """Returns whether values put rows in order: they rise, or are counted.

    Args:
        values: Of the rows of one sequence, `(T,)`.
    """
    if values.dtype.kind != "f":
        return len(np.unique(values)) == len(values)
    whole = bool((values == np.rint(values)).all())
    counted = whole and len(np.unique(values)) == len(values)
    return counted or bool((np.diff(values) > 0).all())


def choose_columns(
    table: TableFile,
    frame: "pl.DataFrame",
    others: Sequence[str],
    config: DataConfig,
    problems: Problems,
) -> list[Column]:
    """Returns the columns of numbers; says which are not used, and why.

    Args:
        table: The file.
        frame: Its rows.
        others: Columns of another meaning: the label, the time.
        config: What the user keeps and leaves out.
        problems: Told of both.

    Raises:
        DataError: If none is left.
    """
    rest = [name for name in table.names if name not in others]
    dropped = columns.left_out([*rest, *config.keep], config, problems)
    numbers = [n for n in rest if n not in dropped and n not in table.texts]
    values = {n: frame[n].to_numpy() for n in numbers if n in frame.columns}
    dropped |= columns.counters(values, config, table.unnamed)
    for name in rest:
        if name not in values and name not in dropped:
            dropped[name] = "it holds text or days, not numbers"
    for name, reason in dropped.items():
        problems.note(f"The column `{name}` is left out: {reason}.")
    names = [name for name in numbers if name not in dropped]
    if not names:
        raise DataError(
            "No column of the sequences is left.",
            expected="columns of numbers",
            received=columns.listed(table.names),
        )
    precision.check({name: values[name] for name in names}, problems)
    return [Column(name, units=regression.units_of(name)) for name in names]


def sequences_in(path: Path, spec: Spec) -> list[Array]:
    """Returns the sequences of a file: one, or those that it tells apart.

    Raises:
        DataError: As `sequences_of`.
    """
    return sequences_of(open_table(path, spec.input.names), str(path), spec)


def sequences_of(table: TableFile, place: str, spec: Spec) -> list[Array]:
    """Returns the sequences of a table, as a trained model is asked.

    Args:
        table: As it was opened.
        place: The file's path, or what else messages call it.
        spec: What the model was trained on.

    Returns:
        Array `(T, D)` of each, float32: of the whole table, or of the rows
        that share what stands in the column of the training.

    Raises:
        DataError: If columns, rows or numbers are missing.
    """
    chosen = model_columns(table, spec, place)
    field = spec.input
    apart = field.sequence if field.sequence in table.names else ""
    time = field.time if field.time in table.names else ""
    frame = read_rows(table, (time, apart), field.names)
    problems = Problems()
    step = step_values(table, frame, time, problems) if time else None
    values = to_array(frame.select(column.name for column in chosen))
    codes = np.zeros(len(values), "int64")
    if apart:
        codes, _ = number_in_turn(frame[apart].cast(str))
    bad = int((~np.isfinite(values)).any(axis=1).sum())
    if not len(values) or bad or problems.fatal:
        told = str(problems.fatal[0]) if problems.fatal else f"{bad:,} bad rows"
        raise DataError(
            f"{place} holds no sequence that the model can read.",
            expected="rows of finite numbers, in an order that is told",
            received=told if len(values) else "no row below the header",
        )
    return divide(values, codes, step)


def number_in_turn(names: "pl.Series") -> tuple[Array, list[str]]:
    """Returns the number of each row's name, and the names in their order."""
    known, first, codes = np.unique(
        names.fill_null("").to_numpy().astype(str),
        return_index=True,
        return_inverse=True,
    )
    order = np.argsort(first, kind="stable")
    places = np.empty(len(known), "int64")
    places[order] = np.arange(len(known))
    return places[codes.reshape(-1)], [str(known[place]) for place in order]


def divide(values: Array, codes: Array, step: Array | None) -> list[Array]:
    """Returns the rows of each code in the order of their steps.

    Args:
        values: Array `(N, D)`.
        codes: Whole numbers `(N,)`, from 0, each in use.
        step: What puts them in order, `(N,)`; by default as they stand.
    """
    keys = (codes,) if step is None else (step, codes)
    order = np.lexsort(keys)
    ends = np.cumsum(np.bincount(codes))[:-1]
    return np.split(values[order], ends)
