"""Which examples hold NaN or infinity."""

import numpy as np

from kerasnotes.base.types import Array


def infinite(x: Array) -> Array:
    """Returns which examples of `(N, ...)` do, `(N,)`; of integers, none."""
    if x.dtype.kind != "f" or _adds_up(x):
        return np.zeros(len(x), "bool")
    whole = np.isfinite(x.reshape(len(x), -1)).all(axis=1)
    return np.logical_not(whole)


def _adds_up(x: Array) -> bool:
    """Returns whether the sum is finite: then every number is.

    Nothing is written, as with a truth of each. Numbers that are finite may
    add up to infinity: those are looked at one by one.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(x.sum()))
