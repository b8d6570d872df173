"""Rows of a table that a trained model is asked about."""

from pathlib import Path

import numpy as np

from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data.dataset import Array
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.table import (
    TableFile,
    open_table,
    to_inputs,
)
from kerasnotes.data.spec import Spec

SUFFIXES = (".csv", ".tsv", ".parquet")
NAMED = 10
"""Columns, or bad cells, named in one error."""


def read_rows(path: Path, spec: Spec) -> Array:
    """Reads a table as training would, labels or not.

    Args:
        path: The file.
        spec: What the model was trained on. Its columns are found by name;
            others are passed over.

    Returns:
        Raw inputs `(N, D)`, float32.

    Raises:
        DataError: If it is no table, lacks columns, or a value is missing.
    """
    table = open_table(path, spec.features)
    features = _columns(table, spec, path)
    frame = table.read([name for name in table.texts if name not in features])
    if not len(frame):
        raise DataError(
            f"{path} holds no rows.", expected="a header and at least one row"
        )
    x = to_inputs(frame, features)
    if np.isfinite(x).all():
        return x
    problems = Problems()
    table.faults(features, None, (), problems)
    told = [str(problem) for problem in problems.fatal[:NAMED]]
    more = len(problems.fatal) - len(told)
    raise DataError(
        f"{path} holds what is not a number.",
        expected="a finite number in every column of the training",
        received="; ".join(told + [f"and {more} more"] * (more > 0)),
    )


def _columns(table: TableFile, spec: Spec, path: Path) -> list[str]:
    """Finds the columns the model was trained on; others are passed over."""
    names = table.names
    if not spec.features:
        if len(names) != spec.shape[0]:
            raise DataError(
                f"{path} does not fit the model.",
                expected=f"{spec.shape[0]} columns",
                received=f"{len(names)} columns",
            )
        return list(names)
    missing = [name for name in spec.features if name not in names]
    if missing:
        raise DataError(
            f"{path} lacks columns that the model was trained on.",
            expected=", ".join(spec.features[:NAMED]),
            received=", ".join(names[:NAMED]),
            hint=f"missing: {', '.join(missing[:NAMED])}; "
            + did_you_mean(missing[0], names[:NAMED]),
        )
    return list(spec.features)
