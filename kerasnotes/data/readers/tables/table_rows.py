"""Rows of a table that a trained model is asked about."""

from pathlib import Path

import numpy as np

from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data.dataset import Array
from kerasnotes.data.fields import Column
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables import json_lines
from kerasnotes.data.readers.tables.table_file import (
    TableFile,
    lacks_cells,
    open_table,
    read_columns,
    to_inputs,
)
from kerasnotes.data.spec import Spec

SUFFIXES = (".csv", ".tsv", ".data", ".parquet", *json_lines.SUFFIXES)
NAMED = 10
"""Columns, or bad cells, named in one error."""


def read_rows(path: Path, spec: Spec) -> Array:
    """Reads a file as training would, labels or not: see `rows_of`.

    Raises:
        DataError: If it is no table, lacks columns, or a value is missing.
    """
    return rows_of(open_table(path, spec.input.names), str(path), spec)


def rows_of(table: TableFile, place: str, spec: Spec) -> Array:
    """Reads a table as training would, labels or not.

    Args:
        table: As it was opened.
        place: The file's path, or what else messages call it.
        spec: What the model was trained on. Its columns are found by name;
            others are passed over.

    Returns:
        Raw inputs `(N, D)`, float32.

    Raises:
        DataError: If it lacks columns, or a value is missing.
    """
    features = model_columns(table, spec, place)
    texts = {column.name for column in features if column.categories}
    wanted = {column.name for column in features}
    frame = read_columns(table, {*texts, *(table.texts - wanted)})
    if not len(frame):
        raise DataError(
            f"{place} holds no rows.", expected="a header and at least one row"
        )
    x = to_inputs(frame, features)
    if np.isfinite(x).all() and not lacks_cells(table, frame):
        return x
    problems = Problems()
    numeric = [c.name for c in features if not c.categories]
    table.faults(numeric, None, (), problems)
    if not problems.fatal:
        return x
    told = [str(problem) for problem in problems.fatal[:NAMED]]
    more = len(problems.fatal) - len(told)
    raise DataError(
        f"{place} holds what is not a number.",
        expected="a finite number in every column of the training",
        received="; ".join(told + [f"and {more} more"] * (more > 0)),
    )


def model_columns(table: TableFile, spec: Spec, place: str) -> list[Column]:
    """Returns the columns a model was trained on; others are passed over.

    Raises:
        DataError: If there are others in their place.
    """
    names = table.names
    if not spec.input.names:
        if len(names) != spec.input.shape[-1]:
            raise DataError(
                f"{place} does not fit the model.",
                expected=f"{spec.input.shape[-1]} columns",
                received=f"{len(names)} columns",
            )
        return [Column(name) for name in names]
    missing = [name for name in spec.input.names if name not in names]
    if missing:
        raise DataError(
            f"{place} lacks columns that the model was trained on.",
            expected=", ".join(spec.input.names[:NAMED]),
            received=", ".join(names[:NAMED]),
            hint=f"missing: {', '.join(missing[:NAMED])}; "
            + did_you_mean(missing[0], names[:NAMED]),
        )
    return list(spec.input.columns)
