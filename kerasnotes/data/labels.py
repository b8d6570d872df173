"""Label values, numbers or text, to class numbers and names."""

from collections.abc import Sequence

import numpy as np

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.dataset import Array
from kerasnotes.data.problems import Problems

FEW = 20
"""Up to so many distinct labels are classes without a doubt."""
_NOTHING = ("NAType", "NaTType")


def encode(
    values: Array, where: str, problems: Problems
) -> tuple[Array, tuple[str, ...]]:
    """Numbers the distinct labels in their sorted order.

    Args:
        values: `(N,)`, whole numbers, booleans or text.
        where: File or key, for messages.
        problems: Told of a single class.

    Returns:
        Class numbers `(N,)`, int32, and the classes' names.

    Raises:
        DataError: If the labels are measurements, not classes.
    """
    values = _as_plain(values, where)
    known, numbers = np.unique(values, return_inverse=True)
    if len(known) > max(FEW, len(values) // 2):
        received = f"{len(known)} different labels of {len(values)} examples"
        raise regression(where, received)
    if len(known) == 1:
        problems.add("single class", where, f"every label is {known[0]}")
    return (
        numbers.reshape(-1).astype("int32"),
        tuple(str(value) for value in known),
    )


def _as_plain(values: Array, where: str) -> Array:
    """Returns labels as whole numbers or text."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise DataError(
            f"The labels of {where} are not one value per example.",
            expected="shape (N,), or (N, H, W) for masks",
            received=f"shape {values.shape}",
        )
    if values.dtype.kind == "O":
        _check_present(values, where)
    if values.dtype.kind in "SO":
        return np.array([_text(value) for value in values.tolist()], "U")
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            row = int(np.flatnonzero(~np.isfinite(values))[0])
            raise _missing(where, values[row], row)
        if (values != np.rint(values)).any():
            raise regression(where, "labels with fractions")
        return values.astype("int64")
    if values.dtype.kind not in "biuU":
        raise DataError(
            f"The labels of {where} are neither numbers nor text.",
            received=f"dtype {values.dtype}",
        )
    return values.astype("int64") if values.dtype.kind == "b" else values


def _check_present(values: Array, where: str) -> None:
    """Refuses `None`, NaN and what pandas puts for text that is missing."""
    for row, value in enumerate(values.tolist()):
        unequal = isinstance(value, float) and value != value
        if value is None or unequal or type(value).__name__ in _NOTHING:
            raise _missing(where, value, row)


def _missing(where: str, value: object, row: int) -> DataError:
    return DataError(
        f"A label of {where} is missing.",
        expected="a class for every example",
        received=f"{value} at example {row}",
    )


def _text(value: object) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def regression(where: str, received: str) -> DataError:
    """Explains that measurements are no classes."""
    return DataError(
        f"{where} is no classification: its labels look like a regression's "
        "measurements, or like names.",
        expected="labels that are classes: text, or a few whole numbers",
        received=received,
        hint="name the label with --set data.target=NAME, or group its "
        "values in classes",
    )


def rename(
    names: Sequence[str], wanted: Sequence[str] | None
) -> tuple[str, ...]:
    """Returns the names the user wants, if any, in the order of the values.

    Raises:
        UsageError: If there are more or fewer than classes, or twins.
    """
    if wanted is None:
        return tuple(names)
    if len(wanted) != len(names):
        raise UsageError(
            "--classes does not name every class once.",
            expected=f"{len(names)} names, for {', '.join(names[:20])}",
            received=f"{len(wanted)}: {', '.join(wanted[:20])}",
        )
    if len(set(wanted)) != len(wanted):
        raise UsageError(
            "--classes names a class twice.", received=", ".join(wanted)
        )
    return tuple(wanted)
