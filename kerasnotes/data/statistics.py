"""Mean and variance of the training part, for the model's normalization."""

import numpy as np

from kerasnotes.data.dataset import Array, Split
from kerasnotes.data.reading import read_batch
from kerasnotes.data.spec import Spec

BATCH = 64
"""Examples read at a time."""


def fit(split: Split, spec: Spec, limit: int = 4096) -> tuple[Array, Array]:
    """Returns mean and variance per channel, or per column.

    Batches are merged by the pairwise update, so that large means do not
    swallow small variances. A constant feature has variance 0 exactly.

    Args:
        split: The training part.
        spec: Its description.
        limit: Most examples looked at; a fixed random choice if there are
            more.

    Returns:
        Mean and variance (of the population), float64, each `(C,)` for
        images or `(D,)` for tables, in raw units; of categories 0 and 1.

    Raises:
        ValueError: If `split` is empty.

    Reference:
        Chan, Golub & LeVeque, 1979, eq. (2.1), Updating formulae and a
        pairwise algorithm for computing sample variances.
    """
    if len(split) == 0:
        raise ValueError(
            f"The training part must hold an example. Received: {split}"
        )
    chosen = np.arange(len(split))
    if len(chosen) > limit:
        # A split's own order reads near what it has read: HDF5 by blocks.
        chosen = np.sort(split.order(np.random.default_rng(0))[:limit])
    count, width = 0, spec.input.shape[-1] or 1
    mean, squares = np.zeros(width), np.zeros(width)
    same_shape = None not in spec.input.shape
    size = BATCH if same_shape else 1
    for start in range(0, len(chosen), size):
        x, _ = read_batch(split, chosen[start : start + size])
        rows = np.asarray(x, "float64").reshape(-1, width)
        batch_mean = rows.mean(axis=0)
        delta = batch_mean - mean
        total = count + len(rows)
        squares += ((rows - batch_mean) ** 2).sum(axis=0)
        squares += delta**2 * count * len(rows) / total
        mean += delta * len(rows) / total
        count = total
    variance = squares / count
    # Of numbers that stand for texts there is no mean.
    places = list(spec.input.categorical)
    mean[places], variance[places] = 0.0, 1.0
    return mean, variance
