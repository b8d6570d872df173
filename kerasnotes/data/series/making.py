"""A whole series to a data set: windows, divided in time."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data import fields
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.fields import Column, Field
from kerasnotes.data.memory import fingerprint
from kerasnotes.data.problems import Problems
from kerasnotes.data.series.ahead import Ahead, cycles_of
from kerasnotes.data.series.windows import WindowSplit
from kerasnotes.data.spec import Spec
from kerasnotes.data.splitting import PARTS, share


def make_series(
    values: Array,
    columns: Sequence[Column],
    config: DataConfig,
    problems: Problems,
    *,
    name: str,
    targets: Sequence[str],
    stamps: Array | None = None,
    step: str = "",
    time: str = "",
    zone: str = "",
    season: int = 0,
) -> Dataset:
    """Makes a data set of one series, its parts one after the other in time.

    Args:
        values: Array `(N, D)`, float32, finite.
        columns: What each row holds.
        config: Horizon, window, which parts of the rows are which, and what
            is known ahead.
        problems: Told what would stop training.
        name: What the set is called.
        targets: Names of the columns that are forecast.
        stamps: Time of every row `(N,)`, `datetime64`, if that is known.
        step: What lies between two rows.
        time: The column of stamps' name.
        zone: The time zone that they are told in, if that is known.
        season: Rows after which it tends to repeat; 0 if that is not known.
    """
    if config.rows is not None:
        values = values[: config.rows]
    borders = divide(len(values), config)
    season = config.season or season
    horizon = config.horizon or 1
    window = config.window or usual_window(horizon, season, borders["train"][1])
    names = [column.name for column in columns]
    places = [names.index(one) for one in targets]
    ahead = _ahead(names, config, stamps, step, borders["train"][1], problems)
    splits = {
        part: WindowSplit(values, places, window, horizon, rows, stamps, ahead)
        for part, rows in borders.items()
    }
    _check_lengths(splits, config, problems)
    trained = splits["train"].part
    target = measure(
        fields.forecast(horizon, [columns[place] for place in places]),
        trained[:, places],
        season,
        problems,
    )
    _tell(splits, target, season, problems)
    given = fields.series(
        window, columns, step=step, time=time, zone=zone, season=season
    )
    inputs = [given]
    if ahead is not None:
        inputs.append(fields.future(horizon, ahead.columns(columns)))
        told = ", ".join(f"`{one}`" for one in inputs[1].names)
        problems.note(f"Known of the rows that are forecast: {told}.")
    return Dataset(
        spec=Spec(name, tuple(inputs), (target,)),
        train=splits["train"],
        validation=splits["validation"],
        test=splits["test"],
        fingerprint=fingerprint(values, np.array(places)),
    )


def _ahead(
    names: Sequence[str],
    config: DataConfig,
    stamps: Array | None,
    step: str,
    trained: int,
    problems: Problems,
) -> Ahead | None:
    """Returns what a forecast is told of its rows; `None` if nothing.

    Args:
        names: The columns'.
        config: Which are planned, and whether the calendar is told.
        stamps: Of every row, if known.
        step: What lies between two, if it is always the same.
        trained: Rows of the training part.
        problems: Told of cycles that it is too short for.
    """
    places = tuple(names.index(name) for name in config.known)
    cycles: tuple[str, ...] = ()
    if config.calendar:
        if stamps is None or not step:
            raise DataError(
                f"The calendar of `{config.source}` is not known.",
                expected="a column of days or times, equally far apart",
                received="rows with no such column"
                if stamps is None
                else "rows unequally far apart",
                hint="leave data.calendar out, or name the column: "
                "--set data.time=NAME",
            )
        cycles = cycles_of(stamps[:trained])
        if not cycles:
            problems.note(
                "The training part is too short, or its step too long, for "
                "any cycle of the calendar to be learned."
            )
    return Ahead(places, cycles) if places or cycles else None


OWN = ("horizon", "window", "time", "season", "rows", "known", "calendar")
"""Settings of series in time alone."""


def check_meant(config: DataConfig, spec: Spec) -> None:
    """Refuses settings of series in time for data that are none.

    Raises:
        UsageError: Says which.
    """
    given = [name for name in OWN if getattr(config, name)]
    if spec.inputs[0].kind == "series" and not spec.inputs[0].picture:
        # Rows of a sequence have their order as well.
        given = [name for name in given if name != "time"]
    if not given or spec.targets[0].kind in ("series", "next_token"):
        return
    raise UsageError(
        f"`{config.source}` is read as no series in time.",
        expected="mackey-glass; or a table, .csv, .tsv or .parquet, with "
        "--horizon ROWS to forecast",
        received=f"data.{given[0]}={getattr(config, given[0])}",
        hint=f"leave data.{given[0]} out, or add --horizon",
    )


def divide(count: int, config: DataConfig) -> dict[str, tuple[int, int]]:
    """Returns first and last but one row of each part: the test comes last.

    Args:
        count: Rows of the series.
        config: The parts' fractions.
    """
    test = count - share(count, config.test)
    validation = test - share(count, config.validation)
    ends = ((0, validation), (validation, test), (test, count))
    return dict(zip(PARTS, ends, strict=True))


def usual_window(horizon: int, season: int, rows: int) -> int:
    """Returns three horizons, or two seasons, if the training part has them.

    Args:
        horizon: Rows to forecast.
        season: Rows after which the series tends to repeat, or 0.
        rows: Of the training part.
    """
    return max(1, min(max(3 * horizon, 2 * season), (rows - horizon) // 2))


def measure(
    target: Field, values: Array, season: int, problems: Problems
) -> Field:
    """Returns the field with what the training part tells of each column.

    Args:
        target: The field.
        values: Of the training part, `(M, K)`.
        season: Rows of a season, or 0.
        problems: Told of columns that never vary.
    """
    lag = season if 0 < season < len(values) else 1
    columns = []
    for number, column in enumerate(target.columns):
        exact = values[:, number].astype("float64")
        if not len(exact):
            continue
        deviation = float(exact.std())
        if deviation == 0:
            text = f"every value of {column.name} is {exact[0]:g}"
            problems.add("constant target", "the training part", text)
        change = np.abs(exact[lag:] - exact[:-lag])
        columns.append(
            dataclasses.replace(
                column,
                mean=float(exact.mean()),
                deviation=deviation or 1.0,
                change=float(change.mean()) if len(change) else 0.0,
            )
        )
    return dataclasses.replace(target, columns=tuple(columns))


def _check_lengths(
    splits: dict[str, WindowSplit], config: DataConfig, problems: Problems
) -> None:
    """Adds a problem for every part that has room for no forecast."""
    for part, split in splits.items():
        wanted = part == "train" or getattr(config, part) > 0
        if not wanted or len(split):
            continue
        rows = split.stop - split.start
        text = f"{rows:,} rows; a forecast takes {split.horizon:,}"
        if split.first > split.start:
            text += f", and {split.window:,} before it"
        problems.add("too short", f"the {part} part", text)


def _tell(
    splits: dict[str, WindowSplit],
    target: Field,
    season: int,
    problems: Problems,
) -> None:
    train = splits["train"]
    rows = ", ".join(
        f"{part} {split.start:,} to {split.stop - 1:,}"
        for part, split in splits.items()
        if split.stop > split.start
    )
    problems.note(f"Divided in time, never shuffled: rows {rows}.")
    problems.note(
        f"A forecast of {train.horizon:,} rows is made from the "
        f"{train.window:,} before them, which may lie in the part before: "
        "--horizon, --window."
    )
    told = ", ".join(f"`{column.name}`" for column in target.columns[:12])
    more = len(target.columns) - 12
    problems.note(
        f"Forecast: {told}{f' and {more} more' if more > 0 else ''}"
        "; others by --target."
    )
    problems.note(
        f"A season is {season:,} rows: data.season."
        if season
        else "No season is known: data.season, in rows, if there is one."
    )
