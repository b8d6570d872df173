"""Long tables: a row a step, and a column that tells sequences apart."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data import fields
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.fields import Field
from kerasnotes.data.meaning import columns, labels, regression
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.sequence_rows import (
    choose_columns,
    divide,
    find_step,
    number_in_turn,
    step_values,
)
from kerasnotes.data.readers.tables.series_table import read_rows
from kerasnotes.data.readers.tables.table_file import TableFile, to_array
from kerasnotes.data.readers.tables.table_labels import read_labels
from kerasnotes.data.sequences.making import Sequences, make_dataset

if TYPE_CHECKING:
    import polars as pl

ROWS = "rows"
"""In the place of a column's name: each row is an example."""
NAMED = 3
"""Sequences that are named, before they are counted."""
_NAMES = re.compile(
    r"(.*[_ ])?(sequence|series|case|subject|sample|trial|recording|session"
    r"|episode|track|trace|unit)"
)
"""What columns are called that tell sequences apart, besides identifiers."""


def choose_sequence(
    table: TableFile, place: str, config: DataConfig, problems: Problems
) -> str | None:
    """Returns the column that tells sequences apart, if there is one.

    That is a guess, unless the user names it: a column called so, whose rows
    share a label, and have a step each that comes once.

    Args:
        table: As it was opened.
        place: The file's path, or what else messages call it.
        config: `sequence`, if the user says so.
        problems: Told of the guess, and of what may be one.

    Raises:
        DataError: If the user's is not there.
    """
    if config.sequence is not None:
        return _asked(config.sequence, table, place)
    found = [n for n in table.names if _tells_apart(n) and _is_free(n, config)]
    for name in found if len(table.names) > NAMED else ():
        step = _shared(table, name, place, config)
        if step:
            problems.note(
                f"Rows of one `{name}` are one sequence, in the order of "
                f"`{step}`: a guess. To read each row by itself: --set "
                f"data.sequence={ROWS}."
            )
            return name
        if step is not None:
            problems.note(
                f"Rows of one `{name}` share their label. If they are one "
                f"sequence: --set 'data.sequence={name}'."
            )
    return None


def _asked(name: str, table: TableFile, place: str) -> str | None:
    if name in table.names:
        return name
    if name == ROWS:
        return None
    raise DataError(
        f"{place} has no column {name!r} that tells sequences apart.",
        expected=f"a column, or `{ROWS}`: each is an example",
        received=columns.listed(table.names),
        hint=did_you_mean(name, table.names),
    )


def _tells_apart(name: str) -> bool:
    named = _NAMES.fullmatch(name.lower())
    return columns.is_identifier(name) or named is not None


def _is_free(name: str, config: DataConfig) -> bool:
    """Returns whether the user has said nothing else of a column."""
    target = config.target or ()
    targets = target.split(",") if isinstance(target, str) else target
    said = {*targets, *config.keep, *config.leave_out, *config.categories}
    return name not in said and config.text is None


def _shared(
    table: TableFile, name: str, place: str, config: DataConfig
) -> str | None:
    """Returns the column by which rows of one name are in order.

    It is empty if they share their label and nothing more; `None` if they are
    no sequences.
    """
    import polars as pl

    try:
        frame = read_rows(table, (config.time, name))
        step = find_step(table, frame, config.time, place)
        step = "" if step == name else step
        targets, _ = _labels(table, (name, step), config, place)
    except DataError:
        # Whoever reads the rows says what is not clear.
        return None
    if not len(frame) or targets[0] not in frame.columns:
        return None
    groups = frame.group_by(name).agg(
        pl.col(list(targets)).n_unique(), pl.len().alias("__rows")
    )
    several = 2 * len(groups) <= len(frame) and len(groups) > 1
    if not several or max(groups.select(targets).max().row(0)) > 1:
        return None
    values = step_values(table, frame, step, Problems()) if step else None
    if values is None:
        return ""
    codes, _ = number_in_turn(frame[name].cast(str))
    return "" if len(_repeated(codes, values)) else step


def _labels(
    table: TableFile, others: Sequence[str], config: DataConfig, place: str
) -> tuple[tuple[str, ...], str]:
    """Returns which columns are labels, and why, in words."""
    return columns.choose_labels(
        [name for name in table.names if name not in others],
        config,
        place,
        texts=table.texts - table.unique,
        unnamed=table.unnamed,
    )


def read_sequences(
    table: TableFile,
    place: str,
    name: str,
    config: DataConfig,
    problems: Problems,
) -> Dataset | None:
    """Reads rows that belong together as one sequence each.

    Args:
        table: As it was opened.
        place: The file's path, or what else messages call it.
        name: The column that tells them apart.
        config: Label, time, split, and what is left out.
        problems: Told of what cannot be used.

    Raises:
        DataError: If label or time are not clear.
    """
    frame = read_rows(table, (config.time, name))
    step = find_step(table, frame, config.time, place)
    step = "" if step == name else step
    targets, why = _labels(table, (name, step), config, place)
    frame = read_rows(table, (config.time, name, *targets))
    if not len(frame):
        problems.add("empty", Path(place).name, "no row below the header")
        return None
    others = [*targets, name, *([step] if step else ())]
    chosen = choose_columns(table, frame, others, config, problems)
    columns.tell(targets, why, [column.name for column in chosen], problems)
    if config.sequence is not None:
        told = f"`{step}`" if step else "the file"
        problems.note(
            f"Rows of one `{name}` are one sequence, in the order of {told}."
        )
    order = step_values(table, frame, step, problems) if step else None
    codes, names = number_in_turn(frame[name].cast(str))
    firsts = _first_rows(frame, codes, targets, names, problems)
    if order is not None:
        _check_steps(codes, order, names, problems)
    target = _read_targets(table, firsts, targets, place, config, problems)
    if problems.fatal or target is None:
        return None
    y, answered = target
    values = to_array(frame.select(column.name for column in chosen))
    return make_dataset(
        {"all": Sequences(divide(values, codes, order), y, names)},
        config,
        problems,
        name=Path(place).stem,
        columns=chosen,
        target=answered,
        time=step,
        sequence=name,
    )


def _first_rows(
    frame: "pl.DataFrame",
    codes: Array,
    targets: Sequence[str],
    names: Sequence[str],
    problems: Problems,
) -> "pl.DataFrame":
    """Returns each sequence's label; tells of those that have several."""
    _, first = np.unique(codes, return_index=True)
    labels_of = frame.select(targets)
    for target in targets:
        known = labels_of[target].fill_null("").to_numpy().astype(str)
        other = codes[known != known[first][codes]]
        for code in np.unique(other)[:NAMED]:
            text = f"`{target}` differs within {names[int(code)]}"
            problems.add("several labels", f"column {target}", text)
    return labels_of[first]


def _check_steps(
    codes: Array, order: Array, names: Sequence[str], problems: Problems
) -> None:
    for code in _repeated(codes, order)[:NAMED]:
        problems.add("repeated stamp", names[int(code)], "a step comes again")


def _repeated(codes: Array, order: Array) -> Array:
    """Returns the codes of sequences in which a step comes again."""
    rows = np.lexsort((order, codes))
    codes, order = codes[rows], order[rows]
    again = (codes[1:] == codes[:-1]) & (order[1:] == order[:-1])
    return np.unique(codes[1:][again])


def _read_targets(
    table: TableFile,
    firsts: "pl.DataFrame",
    targets: Sequence[str],
    place: str,
    config: DataConfig,
    problems: Problems,
) -> tuple[Array, Field] | None:
    """Returns class numbers or measured values, and what they are."""
    if len(targets) > 1:
        firsts = firsts.cast({name: float for name in targets}, strict=False)
    found = read_labels(table.comma, firsts, config, problems)
    if found.lacking:
        text = "a sequence has none"
        problems.add("missing label", f"column {targets[0]}", text)
        return None
    if found.values is not None:
        y, target = regression.finish(found.values, targets, config, problems)
        return y, target
    where = Path(place).name
    y, names = labels.encode_texts(
        found.known, found.codes, where, config, problems
    )
    return y, fields.one_class(labels.rename(names, config.classes))
