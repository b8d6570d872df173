"""Frequency response assurance criterion: how alike two responses are.

    FRAC = |a^H b|^2 / ((a^H a) (b^H b)),  vectors along the frequencies

1 where one is a multiple of the other, 0 where they are orthogonal: the
shape is compared, not the height.

Reference:
    Heylen & Lammens, 1996, "FRAC: a consistent way of comparing frequency
    response functions", Identification in Engineering Systems, Swansea.
"""

import numpy as np

from kerasnotes.base.types import Array


def frac(one: Array, other: Array) -> Array:
    """Returns the criterion of every response, 0 to 1.

    Args:
        one: Real or complex array `(N, F, ...)`.
        other: As large.

    Returns:
        Array `(N, ...)`; `nan` where a response is zero throughout.
    """
    cross = np.abs((one.conj() * other).sum(axis=1)) ** 2
    energy = (np.abs(one) ** 2).sum(axis=1) * (np.abs(other) ** 2).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.asarray(cross / energy)
