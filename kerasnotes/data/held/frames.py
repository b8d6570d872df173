"""Tables whose columns have names, as pandas and polars hold them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.base.spelling import composed
from kerasnotes.data.dataset import Array

if TYPE_CHECKING:
    import polars as pl

NAMED = 10
"""Columns named in one error."""


def is_frame(value: Any) -> bool:
    """Returns whether a value is a table that names its columns."""
    return hasattr(value, "columns") and hasattr(value, "to_numpy")


def is_row(value: Any, names: Sequence[str]) -> bool:
    """Returns whether a value is one row of pandas, with these columns."""
    known = hasattr(value, "to_frame") and hasattr(value, "index")
    return bool(names) and known and set(names) <= set(map(str, value.index))


def column_names(frame: Any) -> tuple[str, ...]:
    """Returns the names of a table's columns, in their order."""
    return tuple(composed(str(name)) for name in frame.columns)


def has_texts(frame: Any, *, logical: bool = True) -> bool:
    """Returns whether a table has a column of anything but numbers.

    Args:
        frame: A pandas or polars data frame.
        logical: Whether yes and no are none.
    """
    kinds = "iuf" if logical else "biuf"
    return any(not _is_number(kind, kinds) for kind in frame.dtypes)


def _is_number(kind: Any, kinds: str) -> bool:
    if hasattr(kind, "is_numeric"):  # of polars
        return kind.is_numeric() or ("b" in kinds and str(kind) == "Boolean")
    return getattr(kind, "kind", "O") in kinds


def to_polars(frame: Any) -> "pl.DataFrame":
    """Returns a pandas or polars data frame as one of polars.

    Numbers stay numbers, yes and no and times stay so, and all else becomes
    text; a missing value of any kind is null.

    Raises:
        DataError: If two columns have one name.
    """
    import polars as pl

    if isinstance(frame, pl.DataFrame):
        return frame
    names = column_names(frame)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            "Two columns of the data frame have one name.",
            expected="a name of its own for every column",
            received=", ".join(twice[:NAMED]),
            hint="rename one of them: frame.columns = [...] names them all, "
            "from the left",
        )
    columns = (_series(frame.iloc[:, place]) for place in range(len(names)))
    return pl.DataFrame(
        [
            column.alias(name)
            for name, column in zip(names, columns, strict=True)
        ]
    )


def _series(column: Any) -> "pl.Series":
    """Returns a column of pandas."""
    import polars as pl

    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biuf":
        return pl.Series(column.to_numpy(), nan_to_null=True)
    if column.dtype.kind == "M":
        return _moments(column)
    missing = np.asarray(column.isna(), bool)
    values = [
        None if gone else value
        for value, gone in zip(column.tolist(), missing, strict=True)
    ]
    # Whole numbers stay whole: a float would merge codes of 18 digits.
    present = {type(value) for value in values if value is not None}
    if present and all(issubclass(kind, bool | np.bool_) for kind in present):
        return pl.Series(values, dtype=pl.Boolean)
    if present and all(map(_is_whole, present)):
        return pl.Series(values, dtype=pl.Int64)
    if present and all(
        _is_whole(kind) or issubclass(kind, float | np.floating)
        for kind in present
    ):
        return pl.Series(values, dtype=pl.Float64, strict=False)
    texts = [None if value is None else str(value) for value in values]
    return pl.Series(texts, dtype=pl.String)


def _moments(column: Any) -> "pl.Series":
    """Returns times, in the zone that they are told in."""
    import polars as pl

    zone = getattr(column.dtype, "tz", None)
    # Of a zone pandas gives the moments in UTC.
    found = pl.Series(column.to_numpy("datetime64[us]"))
    if zone is None:
        return found
    moments = found.dt.replace_time_zone("UTC")
    try:
        return moments.dt.convert_time_zone(str(zone))
    except pl.exceptions.ComputeError:  # an offset without a place
        return pl.Series(column.astype(str).to_numpy(object), dtype=pl.String)


def _is_whole(kind: type) -> bool:
    return issubclass(kind, int | np.integer) and not issubclass(kind, bool)


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
    import polars as pl

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
    table = to_polars(frame)
    if not all(kind.is_numeric() for kind in table.dtypes):
        table = table.with_columns(pl.col(pl.Boolean).cast(pl.UInt8))
    return table.to_numpy()[:, order]


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
