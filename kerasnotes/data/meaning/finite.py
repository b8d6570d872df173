"""Which examples hold NaN or infinity."""

import numpy as np

from kerasnotes.base.types import Array


def infinite(x: Array) -> Array:
    """Returns which examples of `(N, ...)` do, `(N,)`; of integers, none."""
    if x.dtype.kind != "f" or np.isfinite(x).all():
        return np.zeros(len(x), "bool")
    whole = np.isfinite(x.reshape(len(x), -1)).all(axis=1)
    return np.logical_not(whole)
