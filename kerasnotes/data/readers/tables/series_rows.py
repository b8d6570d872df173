"""The last rows of a table: what a trained model is asked to go on from."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.series_table import (
    find_time,
    last_told,
    order_rows,
    read_rows,
    told_times,
)
from kerasnotes.data.readers.tables.table_file import (
    TableFile,
    open_table,
)
from kerasnotes.data.readers.tables.table_rows import model_columns
from kerasnotes.data.series.ahead import PREFIX, Ahead
from kerasnotes.data.series.clock_check import check_clock
from kerasnotes.data.series.stamps import after
from kerasnotes.data.spec import Spec


@dataclasses.dataclass(frozen=True)
class Past:
    """What a forecast is made from.

    Args:
        values: Array `(T, D)`, float32.
        times: Of the rows that are forecast, as text; none if unknown.
        future: What is known of them `(H, C)`, float32, if a model is told.
    """

    values: Array
    times: Sequence[str] = ()
    future: Array | None = None

    @property
    def inputs(self) -> Any:
        """A batch of this one example, as a model takes it."""
        if self.future is None:
            return self.values[None]
        return {"series": self.values[None], "future": self.future[None]}


def read_past(path: Path, spec: Spec) -> Past:
    """Returns the last rows of a file, as many as a window has.

    Raises:
        DataError: As `past_of`.
    """
    return past_of(open_table(path, spec.input.names), str(path), spec)


def past_of(table: TableFile, place: str, spec: Spec) -> Past:
    """Returns the last rows of a table in the order of time.

    Args:
        table: As it was opened.
        place: The file's path, or what else messages call it.
        spec: What the model was trained on.

    Raises:
        DataError: If columns or rows are missing, or rows are apart by
            another step than in training.
    """
    chosen = model_columns(table, spec, place)
    time = spec.input.time if spec.input.time in table.names else ""
    frame = read_rows(table, (time,), spec.input.names)
    if not time:
        time = find_time(table, frame, None, place)
    problems = Problems()
    times = told_times(table, frame, time, problems)
    # Where training did not heed stamps, as of working days, none is missing.
    uneven = bool(spec.input.time) and not spec.input.step
    rows = None
    if times is not None or not time:
        rows = order_rows(frame, times, chosen, "keep", problems, uneven=uneven)
    if rows is None:
        told = problems.fatal[0]
        raise DataError(
            f"The times in {place} cannot be used: {told.kind}.",
            expected="rows equally far apart, each time once",
            received=str(told),
        )
    if rows.clock is not None:
        check_clock(rows.clock.step, rows.zone, spec, place)
    planned = spec.planned
    count = len(rows.values)
    if planned:
        count = last_told(rows.values, chosen, planned)
    window = int(spec.input.shape[0] or count)
    values = rows.values[max(0, count - window) : count]
    if len(values) < window or not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).any(axis=1).sum())
        raise DataError(
            f"{place} does not end with rows to go on from.",
            expected=f"{window:,} rows, one after another, a number in each "
            "cell",
            received=f"{count:,} rows"
            + (f"; {bad:,} of the last are missing" if bad else ""),
        )
    ahead: Sequence[str] = ()
    if spec.target.kind == "series" and rows.stamps is not None:
        horizon = int(spec.target.shape[0] or 1)
        ahead = after(rows.stamps[:count], spec.input.step, horizon)
    return Past(values, ahead, _future(spec, rows.values[count:], ahead, place))


def _future(
    spec: Spec, rows: Array, times: Sequence[str], place: str
) -> Array | None:
    """Returns what is known of the rows to forecast, `(H, C)`.

    Args:
        spec: What the model was trained on.
        rows: Those after the last that is no plan, `(N, D)`.
        times: Of the rows to forecast.
        place: What messages call the source.

    Raises:
        DataError: If it is not known.
    """
    if spec.future is None:
        return None
    horizon = int(spec.future.shape[0] or 1)
    planned = spec.planned
    cycles = tuple(
        c.name.removeprefix(PREFIX) for c in spec.future.columns if c.period
    )
    places = tuple(spec.input.names.index(name) for name in planned)
    whole = np.isfinite(rows[:horizon, list(places)])
    if planned and (len(whole) < horizon or not whole.all()):
        listed = ", ".join(f"`{name}`" for name in planned)
        raise DataError(
            f"{place} does not tell what is known ahead.",
            expected=f"{horizon:,} more rows at its end, a number for {listed} "
            "in each, and no value in the other columns",
            received=f"{int(whole.all(axis=1).sum()):,} such rows",
            hint="append them, empty where nothing is known yet; `kn data "
            "DATA --export FOLDER`, with the options of `kn fit`, writes "
            "files to copy",
        )
    if cycles and not len(times):
        raise DataError(
            f"{place} does not tell the time of the rows to forecast.",
            expected="a column of days or times, as in training",
            received="rows without one",
        )
    stamps = np.array([t.replace(" ", "T") for t in times], "datetime64[s]")
    given = rows[:horizon]
    if not planned:
        given = np.empty((horizon, len(spec.input.columns)), "float32")
    return Ahead(places, cycles)(given, stamps)
