"""Tables whose rows follow each other in time: `.csv`, `.tsv`, `.parquet`."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.fields import Column
from kerasnotes.data.meaning import categories, columns, precision, regression
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.table_file import (
    TableFile,
    read_columns,
    to_array,
)
from kerasnotes.data.readers.tables.typed_table import TypedTable
from kerasnotes.data.series import stamps
from kerasnotes.data.series.making import make_series
from kerasnotes.data.series.stamps import Clock
from kerasnotes.data.series.times import LOOKED, Times, read_stamps

if TYPE_CHECKING:
    import polars as pl


@dataclasses.dataclass(frozen=True)
class Rows:
    """Rows of a file in the order of time.

    Args:
        values: Array `(N, D)`, float32.
        clock: Their times; `None` if no column tells them.
        zone: Of these; empty if it is not said.
    """

    values: Array
    clock: Clock | None
    zone: str = ""

    @property
    def stamps(self) -> Array | None:
        if self.clock is None or self.clock.stamps is None:
            return None
        return self.clock.stamps[: len(self.values)]


def read_series(
    table: TableFile, place: str, config: DataConfig, problems: Problems
) -> Dataset | None:
    """Reads a table as one series: its columns of numbers, row by row.

    Args:
        table: As it was opened.
        place: The file's path, or what else messages call it.
        config: Horizon, window, time column, and what to do about gaps.
        problems: Told of what cannot be used.

    Raises:
        DataError: If it is not clear which column tells the time.
    """
    frame = read_rows(table, (config.time,))
    if not len(frame):
        problems.add("empty", Path(place).name, "no row below the header")
        return None
    time = find_time(table, frame, config.time, place)
    chosen = _choose(table, frame, time, config, problems)
    names = [column.name for column in chosen]
    targets = _targets(config, names, place)
    times = told_times(table, frame, time, problems)
    if time and times is None:
        return None
    # Texts of times take more memory than all the rest.
    frame = frame.select(names)
    rows = order_rows(frame, times, chosen, config.gaps, problems, config.known)
    if rows is None or problems.fatal:
        return None
    clock = rows.clock
    return make_series(
        rows.values,
        chosen,
        config,
        problems,
        name=Path(place).stem,
        targets=targets,
        stamps=rows.stamps,
        step=clock.step if clock else "",
        time=time,
        zone=rows.zone,
        season=clock.season if clock else 0,
    )


def read_rows(
    table: TableFile,
    named: Sequence[str | None] = (),
    numbers: Sequence[str] = (),
) -> "pl.DataFrame":
    """Returns a table's rows; columns of dates are left to `told_times`.

    Args:
        table: The file.
        named: Columns that may hold times, though they look like numbers.
        numbers: Columns of numbers, whatever they look like.
    """
    texts = table.texts | {name for name in named if name in table.names}
    # Dates as text would take most of the memory.
    return read_columns(table, texts - _dates(table) - {*numbers})


def _dates(table: TableFile) -> frozenset[str]:
    """Returns the columns that are dates by their type."""
    return table.dates if isinstance(table, TypedTable) else frozenset()


def told_times(
    table: TableFile, frame: "pl.DataFrame", name: str, problems: Problems
) -> Times | None:
    """Returns what the column of stamps tells; `None` without a name.

    Args:
        table: The file.
        frame: Its rows.
        name: The column's.
        problems: Told of what is no time.
    """
    if not name:
        problems.note("No column tells the time: rows are taken in order.")
        return None
    column = (
        table.column(name)
        if isinstance(table, TypedTable) and name in table.dates
        else frame[name]
    )
    return read_stamps(column, problems)


def find_time(
    table: TableFile, frame: "pl.DataFrame", named: str | None, place: str
) -> str:
    """Returns the column of time stamps; nothing if there is none.

    Args:
        table: The file.
        frame: Its rows, columns of text as text.
        named: The column that the user names.
        place: The file, for messages.

    Raises:
        DataError: If there is no such column, or several could be meant.
    """
    if named is not None:
        if named not in table.names:
            raise DataError(
                f"{place} has no column {named!r} of time stamps.",
                received=columns.listed(table.names),
                hint=did_you_mean(named, table.names),
            )
        return named
    found = []
    for name in table.names:
        if name in _dates(table):
            found.append(name)
            continue
        if name not in table.texts or name in table.odd:
            continue
        texts = frame[name].drop_nulls().head(LOOKED).to_list()
        if texts and categories.are_dates(texts):
            found.append(name)
    if len(found) > 1:
        raise DataError(
            f"Which column of {place} is the time: {', '.join(found)}?",
            expected="one column of dates, or its name",
            received=columns.listed(table.names),
            hint=f"--set data.time={found[0]}",
        )
    return found[0] if found else ""


def _choose(
    table: TableFile,
    frame: "pl.DataFrame",
    time: str,
    config: DataConfig,
    problems: Problems,
) -> list[Column]:
    """Returns the columns of numbers; says which others are not used."""
    rest = [name for name in table.names if name != time]
    dropped = columns.left_out(rest, config, problems)
    numbers = [n for n in rest if n not in dropped and n not in table.texts]
    values = {name: frame[name].to_numpy() for name in numbers}
    dropped |= columns.counters(values, config, table.unnamed)
    for name in rest:
        if name in table.texts and name not in dropped:
            dropped[name] = "it holds text, not numbers"
    for name, reason in dropped.items():
        problems.note(f"The column `{name}` is left out: {reason}.")
    names = [name for name in numbers if name not in dropped]
    if not names and not problems.fatal:
        raise DataError(
            "No column of the series is left.",
            expected="columns of numbers beside the time",
            received=columns.listed(table.names),
        )
    precision.check({name: values[name] for name in names}, problems)
    problems.note(f"Columns, {len(names)}: {columns.listed(names)}.")
    return [Column(name, units=regression.units_of(name)) for name in names]


def _targets(
    config: DataConfig, names: Sequence[str], place: str
) -> tuple[str, ...]:
    """Returns what is forecast: by default all that is not known ahead.

    Raises:
        DataError: If a column is not there, or is known and forecast.
    """
    known = _known(config.known, names, place)
    if config.target is None:
        found = tuple(name for name in names if name not in known)
    else:
        found = columns.asked(config.target, names, place)
    both = [name for name in found if name in known]
    if both or not found:
        raise DataError(
            "What is known ahead need not be forecast.",
            expected="columns to forecast beside data.known",
            received=f"data.known={list(known)}, forecast: {list(found)}",
            hint="leave it out of --target, or out of data.known",
        )
    return found


def _known(
    named: Sequence[str], names: Sequence[str], place: str
) -> tuple[str, ...]:
    """Returns the columns that are known ahead.

    Raises:
        DataError: If one is no column of numbers, or named twice.
    """
    strange = [name for name in named if name not in names]
    if strange or len(set(named)) < len(named):
        raise DataError(
            f"Not every column of data.known is one of the series in {place}.",
            expected="columns of numbers, each once: " + columns.listed(names),
            received=f"data.known={list(named)}",
            hint=did_you_mean(strange[0], names) if strange else None,
        )
    return tuple(named)


def order_rows(
    frame: "pl.DataFrame",
    times: Times | None,
    chosen: Sequence[Column],
    gaps: str,
    problems: Problems,
    planned: Sequence[str] = (),
    uneven: bool = False,
) -> Rows | None:
    """Returns a frame's rows in the order of time, gaps filled if asked for.

    Args:
        frame: The rows.
        times: Their stamps, if there are any.
        chosen: The columns of numbers.
        gaps: As `DataConfig.gaps`; or `keep`: `nan` is left in them.
        problems: Told of what is missing.
        planned: Columns known ahead: last rows that hold nothing else are
            those to be forecast, and left out.
        uneven: Whether steps are not looked at, as with `ignore`.
    """
    clock = None
    if times is not None:
        ignore = uneven or gaps == "ignore"
        clock = stamps.read_clock(times.values, problems, ignore=ignore)
        if clock is None:
            return None
        _tell_clock(clock, times, gaps, problems)
    values = to_array(frame.select(column.name for column in chosen))
    if clock is not None:
        if clock.order is not None:
            values = values[clock.order]
        if clock.places is not None:
            placed = values
            values = np.full((clock.count, len(chosen)), np.nan, "float32")
            values[clock.places] = placed
    if gaps != "keep":
        values = values[: _told_rows(values, chosen, planned, problems)]
        fill(values, chosen, gaps, problems)
    return Rows(values, clock, times.zone if times else "")


def last_told(
    values: Array, chosen: Sequence[Column], planned: Sequence[str]
) -> int:
    """Returns how many rows there are up to the last that is not a plan.

    Args:
        values: Array `(N, D)`; `nan` is missing.
        chosen: The columns.
        planned: Names of those that are known ahead.
    """
    own = [k for k, column in enumerate(chosen) if column.name not in planned]
    told = np.flatnonzero(np.isfinite(values[:, own]).any(axis=1))
    return int(told[-1]) + 1 if len(told) else 0


def _told_rows(
    values: Array,
    chosen: Sequence[Column],
    planned: Sequence[str],
    problems: Problems,
) -> int:
    count = last_told(values, chosen, planned)
    if 0 < count < len(values):
        what = "only what is known ahead" if planned else "nothing"
        problems.note(
            f"The last {len(values) - count:,} rows hold {what}: they are not "
            "trained on; `kn predict` forecasts them."
        )
    return count or len(values)


def _tell_clock(
    clock: Clock, times: Times, gaps: str, problems: Problems
) -> None:
    zone = f", {times.zone}" if times.zone else ""
    step = f", a row every {clock.step}" if clock.step else ""
    ends = ""
    if clock.stamps is not None and len(clock.stamps):
        ends = f", {clock.stamps[0]} to {clock.stamps[-1]}".replace("T", " ")
    problems.note(f"`{times.name}` is the time{step}{ends}{zone}.")
    if clock.places is None or not clock.missing:
        return
    text = f"{clock.missing:,} of {clock.count:,} rows are missing"
    if gaps == "keep":
        return
    if gaps == "refuse":
        jump = int(np.argmax(np.diff(clock.places) > 1))
        row = int(clock.places[jump]) + 1
        where = str(clock.stamps[row]) if clock.stamps is not None else ""
        problems.add("missing stamps", where.replace("T", " "), text)
    else:
        problems.note(f"{text}: {_FILLED[gaps]}.")


_FILLED = {
    "hold": "filled with the last value before them",
    "linear": "filled along a line between their neighbours, so a window that "
    "ends in them is told of what follows (`hold` tells nothing)",
}


def fill(
    values: Array, chosen: Sequence[Column], gaps: str, problems: Problems
) -> None:
    """Fills what is missing, in place, or tells it as a problem.

    Args:
        values: Array `(N, D)`; `nan` is missing.
        chosen: The columns.
        gaps: As `DataConfig.gaps`.
        problems: Told of what is missing and not filled.
    """
    rows = np.arange(len(values))
    for place, column in enumerate(chosen):
        known = np.isfinite(values[:, place])
        missing = int((~known).sum())
        if not missing:
            continue
        where = f"column {column.name}"
        if gaps in ("refuse", "ignore"):
            first = int(np.argmin(known)) + 1
            text = f"{missing:,} cells hold no number, the first in row {first}"
            problems.add("missing cell", where, text)
            continue
        if not known.any() or (gaps == "hold" and not known[0]):
            problems.add(
                "missing cell", where, "there is no value to begin with"
            )
            continue
        if gaps == "linear":
            at, found = rows[known], values[known, place]
            values[:, place] = np.interp(rows, at, found)
        else:
            last = np.maximum.accumulate(np.where(known, rows, 0))
            values[:, place] = values[last, place]
        problems.note(
            f"`{column.name}`: {missing:,} cells are {_FILLED[gaps]}."
        )
