"""Tables whose columns have names, as pandas and polars hold them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data.dataset import Array

NAMED = 10
"""Columns named in one error."""


def is_frame(value: Any) -> bool:
    """Returns whether a value is a table that names its columns."""
    return hasattr(value, "columns") and hasattr(value, "to_numpy")


def column_names(frame: Any) -> tuple[str, ...]:
    """Returns the names of a table's columns, in their order."""
    return tuple(str(name) for name in frame.columns)


def take(frame: Any, features: Sequence[str], name: str) -> Array:
    """Returns a table's values, its columns found by name.

    Args:
        frame: A pandas or polars data frame.
        features: The columns wanted, in their order.
        name: What the table is called, for messages.

    Returns:
        Array `(N, D)`.

    Raises:
        DataError: Names the columns that are missing, or too many.
    """
    columns = column_names(frame)
    missing = [one for one in features if one not in columns]
    extra = [one for one in columns if one not in features]
    if missing or extra or len(columns) != len(features):
        raise DataError(
            f"{name} has other columns than those of the training.",
            expected=", ".join(features[:NAMED]),
            received=", ".join(columns[:NAMED]),
            hint=_told(missing, extra, columns),
        )
    order = [columns.index(one) for one in features]
    return np.asarray(frame.to_numpy())[:, order]


def _told(
    missing: Sequence[str], extra: Sequence[str], columns: Sequence[str]
) -> str:
    told = []
    if missing:
        near = did_you_mean(missing[0], columns[:NAMED])
        told.append(f"missing: {', '.join(missing[:NAMED])}; {near}")
    if extra:
        told.append(f"leave out {', '.join(extra[:NAMED])}")
    return "; ".join(told) or "no name may be there twice"
