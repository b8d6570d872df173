"""A series as lines, whatever its columns are measured in."""

import numpy as np

from kerasnotes.base.types import Array

COLUMNS = 8
"""Lines at most."""


def as_lines(x: Array) -> Array:
    """Returns a series `(T, D)` to be plotted, rows behind its end taken off.

    A single column stays as it is; of several, each is in its own deviations
    from its mean: pascals would hide degrees.
    """
    x = x[~np.isnan(x).all(axis=1), :COLUMNS].astype("float64")
    if x.shape[1] == 1 or not len(x):
        return x
    deviation = x.std(axis=0)
    lines: Array = (x - x.mean(axis=0)) / np.where(deviation > 0, deviation, 1)
    return lines
