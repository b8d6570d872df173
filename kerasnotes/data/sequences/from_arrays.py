"""Sequences in arrays: as objects, or padded with their lengths beside."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Array
from kerasnotes.data import fields
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.fields import Column, Field
from kerasnotes.data.meaning import labels, part_labels, regression
from kerasnotes.data.problems import Problems
from kerasnotes.data.sequences.making import Sequences, make_dataset


def are_sequences(x: Any) -> TypeGuard[Array]:
    """Returns whether an array holds arrays, which may differ in length."""
    return (
        isinstance(x, np.ndarray)
        and x.dtype == object
        and x.ndim == 1
        and len(x) > 0
        and all(isinstance(one, np.ndarray | list) for one in x)
    )


def ragged(value: Any) -> Array | None:
    """Returns a list of arrays that differ in length as one of objects.

    Args:
        value: As a user handed it in.

    Returns:
        Array `(N,)` of them; `None` if it is something else.
    """
    if are_sequences(value):
        return value
    if not isinstance(value, list | tuple) or not value:
        return None
    if not all(isinstance(one, np.ndarray | list) for one in value):
        return None
    if len({len(one) if np.ndim(one[:1]) else -1 for one in value}) < 2:
        return None
    found = np.empty(len(value), object)
    found[:] = [np.asarray(one) for one in value]
    return found


def cut(x: Array, lengths: Array, name: str) -> Array:
    """Returns padded sequences `(N, T, D)` or `(N, T)` without their padding.

    Args:
        x: The sequences, the rows of each before its padding.
        lengths: Rows of each, `(N,)`, whole numbers.
        name: What messages call them.

    Raises:
        DataError: If the lengths are not those of these sequences.
    """
    lengths = np.asarray(lengths)
    whole = lengths.ndim == 1 and lengths.dtype.kind in "iu"
    if not whole or x.ndim not in (2, 3) or len(x) != len(lengths):
        raise _refuse_lengths(x, lengths, name)
    if len(x) and not (0 <= lengths.min() and lengths.max() <= x.shape[1]):
        raise _refuse_lengths(x, lengths, name)
    found = np.empty(len(x), object)
    found[:] = [one[:rows] for one, rows in zip(x, lengths, strict=True)]
    return found


def _refuse_lengths(x: Array, lengths: Array, name: str) -> DataError:
    told = f", {lengths.min()} to {lengths.max()}" if lengths.size else ""
    return DataError(
        f"The lengths of {name} do not fit its sequences.",
        expected="whole numbers (N,), none above T, beside inputs (N, T, D)",
        received=f"{lengths.dtype} of shape {lengths.shape}{told}, beside "
        f"inputs {x.shape}",
    )


def without_nan(x: Array) -> Array | None:
    """Returns padded sequences without their rows of NaN.

    Args:
        x: Array of floats `(N, T, D)`.

    Returns:
        Array `(N,)` of objects; `None` unless rows of NaN stand at the ends,
        and nowhere else.
    """
    if x.dtype.kind != "f" or x.ndim != 3:
        return None
    empty = np.asarray(np.isnan(x).all(axis=2))
    if not empty.any() or (empty[:, :-1] & ~empty[:, 1:]).any():
        return None
    return cut(x, (~empty).sum(axis=1), "the array")


def as_sequences(x: Array, name: str) -> list[Array]:
    """Returns the sequences of an array, `(T, D)` each, float32.

    Args:
        x: Array `(N,)` of arrays `(T,)` or `(T, D)`; or `(N, T, D)`.
        name: What messages call it.

    Raises:
        DataError: If they are no numbers, or differ in their columns.
    """
    try:
        # What float32 cannot hold becomes infinite, and is refused as such.
        with np.errstate(over="ignore"):
            found = [np.asarray(one).astype("float32") for one in x]
    except (TypeError, ValueError) as error:
        raise _refuse(name, str(error)) from None
    found = [one[:, None] if one.ndim == 1 else one for one in found]
    shapes = {one.shape[1:] for one in found}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        told = ", ".join(str(one.shape) for one in found[:3])
        raise _refuse(name, f"arrays of shapes {told}")
    return found


def _refuse(name: str, received: str) -> DataError:
    return DataError(
        f"The sequences of {name} are no rows of numbers.",
        expected="arrays (T,) or (T, D), of the same D, numbers",
        received=received,
    )


def column_names(count: int) -> list[str]:
    """Returns what columns are called that have no names."""
    return ["value"] if count == 1 else [f"x{place}" for place in range(count)]


def read(
    parts: Mapping[str, tuple[Array, Array]],
    config: DataConfig,
    problems: Problems,
    *,
    name: str,
    values: Sequence[str] = (),
) -> Dataset | None:
    """Makes a data set of sequences in memory.

    Args:
        parts: By part: `all`, or `train` and others: an array `(N,)` of
            arrays `(T, D)`, and labels `(N,)`, or measured values `(N, K)`.
        config: Split, class names, what labels are.
        problems: Told of what cannot be used.
        name: What the set is called.
        values: What measured labels are called, if the source says so.

    Raises:
        DataError: If they are no rows of numbers.
    """
    found = {part: as_sequences(x, name) for part, (x, _) in parts.items()}
    widths = {one.shape[1] for each in found.values() for one in each}
    if len(widths) != 1:
        raise _refuse(name, f"parts of {sorted(widths)} columns")
    given = {part: y for part, (_, y) in parts.items()}
    raw = part_labels.join(given, name, config, problems)
    y, target = _targets(raw, name, config, problems, values)
    ends = np.cumsum([len(each) for each in found.values()])[:-1]
    own = np.split(y, ends)
    if target.kind == "class":
        told = dict(zip(found, own, strict=True))
        part_labels.tell_absent(told, target.classes, name, problems)
    starts = [0, *ends.tolist()]
    made = {
        part: Sequences(
            each, known, [f"#{start + i}" for i in range(len(each))]
        )
        for (part, each), known, start in zip(
            found.items(), own, starts, strict=True
        )
    }
    columns = [Column(each) for each in column_names(widths.pop())]
    return make_dataset(
        made, config, problems, name=name, columns=columns, target=target
    )


def _targets(
    raw: Array,
    name: str,
    config: DataConfig,
    problems: Problems,
    values: Sequence[str],
) -> tuple[Array, Field]:
    if regression.are_measured(raw, name, config):
        return regression.read(raw, name, config, problems, values)
    y, names = labels.encode(raw, name, config, problems)
    return y, fields.one_class(labels.rename(names, config.classes))
