"""Inputs of several examples: one array, or one a field by name."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kerasnotes.data.fields import Field

Array = np.ndarray[Any, Any]


def stack(examples: Iterable[tuple[Any, Array]]) -> tuple[Any, Array]:
    """Stacks pairs of input and target into a batch."""
    x, y = zip(*examples, strict=True)
    return _stack(x), np.stack(y)


def _stack(each: Sequence[Any]) -> Any:
    if not isinstance(each[0], dict):
        return np.stack(each)
    return {name: np.stack([one[name] for one in each]) for name in each[0]}


def as_fed(x: Any) -> Any:
    """Returns a batch as networks take it, field by field.

    Numbers of tokens, the only ones of type int32, stay whole; all else is
    float32.
    """
    if isinstance(x, dict):
        return {name: as_fed(values) for name, values in x.items()}
    x = np.asarray(x)
    return x if x.dtype == np.int32 else x.astype("float32", copy=False)


def count(x: Any) -> int:
    """Returns how many examples a batch has."""
    return len(next(iter(x.values())) if isinstance(x, dict) else x)


def take(x: Any, rows: Any) -> Any:
    """Returns some examples of a batch, or a slice of it."""
    if isinstance(x, dict):
        return {name: values[rows] for name, values in x.items()}
    return x[rows]


def main_input(x: Any, field: Field) -> Array:
    """Returns what a batch holds of the field that a model answers about."""
    found: Array = x[field.name] if isinstance(x, dict) else x
    return found
