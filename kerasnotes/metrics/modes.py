"""Which modes of labelled points a generator covers, and how tightly."""

import numpy as np

from kerasnotes.base.types import Array

REACH = 3.0
"""Standard deviations within which a sample belongs to a mode."""
COVERED = 0.25
"""A mode is covered from this part of its fair share of samples on."""
MOST_COLUMNS = 3
"""Wider tables are not looked at: their modes are no longer round points."""


def is_low_dimensional(x: Array) -> bool:
    """Whether `measure` means anything for a table of this shape."""
    return x.ndim == 2 and x.shape[1] <= MOST_COLUMNS


def measure(samples: Array, x_train: Array, y_train: Array) -> dict[str, float]:
    """Counts the modes covered and the samples that lie in one.

    A mode is a class: its centre is the mean of its training points, its
    deviation the root of their mean variance over the columns.

    Args:
        samples: Array `(N, D)`, raw units.
        x_train: Array `(M, D)`, real points.
        y_train: Array `(M,)`, the mode of each.

    Returns:
        `modes`: how many there are; `modes_covered`: how many have at least
        a quarter of their share of all samples within 3 deviations;
        `within_3_sigma`: the share of samples within 3 deviations of the
        nearest centre; `smallest_mode`, `largest_mode`: shares of all
        samples.

    Reference:
        Srivastava et al., 2017, section 5.1 (there a single sample covers a
        mode). https://arxiv.org/abs/1705.07761
    """
    classes = np.unique(y_train)
    centres, deviations, shares = [], [], []
    for number in classes:
        points = np.asarray(x_train[y_train == number], "float64")
        centres.append(points.mean(axis=0))
        deviations.append(np.sqrt(points.var(axis=0).mean()))
        shares.append(len(points) / len(x_train))
    from scipy.spatial.distance import cdist

    distances = cdist(np.asarray(samples, "float64"), np.array(centres))
    distances /= np.maximum(deviations, 1e-12)
    nearest, least = distances.argmin(axis=1), distances.min(axis=1)
    counts = np.bincount(nearest[least <= REACH], minlength=len(classes))
    covered = counts / max(1, len(samples))
    return {
        "modes": float(len(classes)),
        "modes_covered": float((covered >= COVERED * np.array(shares)).sum()),
        "within_3_sigma": float(covered.sum()),
        "smallest_mode": float(covered.min()),
        "largest_mode": float(covered.max()),
    }
