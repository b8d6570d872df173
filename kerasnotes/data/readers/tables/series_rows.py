"""The last rows of a table: what a trained model is asked to go on from."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.series_table import (
    find_time,
    order_rows,
    read_rows,
    time_column,
)
from kerasnotes.data.readers.tables.table_file import (
    TableFile,
    open_table,
)
from kerasnotes.data.readers.tables.table_rows import model_columns
from kerasnotes.data.series.stamps import after, check_step
from kerasnotes.data.spec import Spec


@dataclasses.dataclass(frozen=True)
class Past:
    """What a forecast is made from.

    Args:
        values: Array `(T, D)`, float32.
        times: Of the rows that are forecast, as text; none if unknown.
    """

    values: Array
    times: Sequence[str] = ()


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
    times = time_column(table, frame, time)
    rows = order_rows(frame, times, chosen, "keep", problems)
    if rows is None:
        told = problems.fatal[0]
        raise DataError(
            f"The times in {place} cannot be used: {told.kind}.",
            expected="rows equally far apart, each time once",
            received=str(told),
        )
    step = rows.clock.step if rows.clock else ""
    check_step(step, spec.input.step, place)
    window = int(spec.input.shape[0] or len(rows.values))
    values = rows.values[-window:]
    if len(values) < window or not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).any(axis=1).sum())
        raise DataError(
            f"{place} does not end with rows to go on from.",
            expected=f"{window:,} rows, one after another, a number in each "
            "cell",
            received=f"{len(rows.values):,} rows"
            + (f"; {bad:,} of the last are missing" if bad else ""),
        )
    ahead: Sequence[str] = ()
    if spec.target.kind == "series" and rows.stamps is not None:
        horizon = int(spec.target.shape[0] or 1)
        ahead = after(rows.stamps[-1], spec.input.step, horizon)
    return Past(values, ahead)
