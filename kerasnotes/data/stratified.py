"""Random parts of a set, of every class alike: scikit-learn's, in NumPy.

The same numbers as `sklearn.model_selection.train_test_split`, which takes
longer to import than a million rows to divide. NumPy keeps the streams of
`RandomState` as they are for ever.
"""

import numpy as np

from kerasnotes.data.dataset import Array

FEW = 2**15
"""Classes that 16 bits number: their sort goes through digits, not pairs."""


def tally(labels: Array) -> tuple[Array, Array]:
    """Returns each example's class among those there are, and their sizes.

    As `numpy.unique`, which sorts, returns inverse and counts.

    Args:
        labels: `(N,)`; whole numbers from 0 are counted, not sorted.

    Returns:
        Numbers `(N,)` from 0, and counts `(K,)`, one or more each.
    """
    counted = len(labels) and labels.dtype.kind in "iu" and labels.min() >= 0
    if not counted or labels.max() >= FEW:
        _, places, sizes = np.unique(
            labels, return_inverse=True, return_counts=True
        )
        return places.reshape(-1), sizes
    counts = np.bincount(labels)
    there = counts > 0
    numbers = (np.cumsum(there) - 1).astype("int16")
    return numbers[labels], counts[there]


def draw(total: int, count: int, seed: int) -> Array:
    """Draws `count` of `total` examples.

    Args:
        total: How many there are.
        count: How many are wanted, fewer than `total`.
        seed: 0 to 2**32 - 1.

    Returns:
        Truth `(total,)`: which were drawn.
    """
    drawn = np.zeros(total, "bool")
    drawn[np.random.RandomState(seed).permutation(total)[:count]] = True
    return drawn


def draw_alike(labels: Array, count: int, seed: int) -> Array:
    """Draws examples of every class in its share of all.

    Args:
        labels: Of all examples, `(N,)`; each class two or more.
        count: How many are wanted; as many as classes, or more, must be
            drawn and left.
        seed: 0 to 2**32 - 1.

    Returns:
        Truth `(N,)`: which were drawn.
    """
    rng = np.random.RandomState(seed)
    places, sizes = tally(labels)
    members = np.split(np.argsort(places, kind="stable"), np.cumsum(sizes)[:-1])
    left = _shares(sizes, len(labels) - count, rng)
    taken = _shares(sizes - left, count, rng)
    drawn = np.zeros(len(labels), "bool")
    for rows, kept, some in zip(members, left, taken, strict=True):
        mixed = rows[rng.permutation(len(rows))]
        drawn[mixed[kept : kept + some]] = True
    return drawn


def _shares(sizes: Array, count: int, rng: np.random.RandomState) -> Array:
    """Returns how many of each class make `count`, ties broken by chance."""
    exact = sizes / sizes.sum() * count
    shares = np.floor(exact)
    missing = int(count - shares.sum())
    rest = exact - shares
    for value in np.unique(rest)[::-1] if missing > 0 else ():
        (tied,) = np.where(rest == value)
        some = min(len(tied), missing)
        shares[rng.choice(tied, size=some, replace=False)] += 1
        missing -= some
        if missing == 0:
            break
    whole: Array = shares.astype("int64")
    return whole
