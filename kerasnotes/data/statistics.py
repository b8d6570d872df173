"""What the training part's inputs are normalized by, inside the model."""

from collections.abc import Iterator

import numpy as np

from kerasnotes.data.dataset import Array, Split
from kerasnotes.data.reading import read_batch
from kerasnotes.data.series.windows import WindowSplit
from kerasnotes.data.spec import Spec

BATCH = 64
"""Examples read at a time."""
ROWS = 2**16
"""Rows of a series read at a time."""


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
        images or `(D,)` for tables and series, in raw units; of categories
        0 and 1, and so of tokens, `(1,)` each.

    Raises:
        ValueError: If `split` is empty.

    Reference:
        Chan, Golub & LeVeque, 1979, eq. (2.1), Updating formulae and a
        pairwise algorithm for computing sample variances.
    """
    if spec.input.kind in ("text", "tokens"):
        return np.zeros(1), np.ones(1)
    count, width = 0, _width(spec)
    mean, squares = np.zeros(width), np.zeros(width)
    for rows in _rows(split, spec, limit):
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
    return _repeat(mean, spec), _repeat(variance, spec)


def fit_scale(
    split: Split, spec: Spec, scale: str, limit: int = 4096
) -> tuple[Array, Array]:
    """Returns what is subtracted, and the square of what is divided by.

    Args:
        split: The training part.
        spec: Its description.
        scale: `standard`: mean and standard deviation; `min-max`: least value
            and range, so that inputs lie between 0 and 1; `robust`: median
            and interquartile range, which outliers do not move; `none`.
        limit: Most examples looked at, as for `fit`.

    Returns:
        As `fit`; 0 in place of a square where nothing varies.

    Raises:
        ValueError: If `split` is empty.
    """
    if scale == "standard" or spec.input.kind in ("text", "tokens"):
        return fit(split, spec, limit)
    if scale == "none":
        return _repeat(np.zeros(1), spec), _repeat(np.ones(1), spec)
    rows = np.concatenate(list(_rows(split, spec, limit)))
    if scale == "min-max":
        shift = rows.min(axis=0)
        spread = rows.max(axis=0) - shift
    else:
        low, shift, high = np.quantile(rows, (0.25, 0.5, 0.75), axis=0)
        spread = high - low
    places = list(spec.input.categorical)
    shift[places], spread[places] = 0.0, 1.0
    return _repeat(shift, spec), _repeat(spread, spec) ** 2


def _width(spec: Spec) -> int:
    """Returns how many numbers have statistics of their own.

    Those of an image's channels, though it be read as a series: a column of
    its border, which hardly varies, is no other than the rest.
    """
    return (spec.input.picture or spec.input.shape)[-1] or 1


def _repeat(values: Array, spec: Spec) -> Array:
    """Returns statistics for every entry of the last axis."""
    width = spec.input.shape[-1] or 1
    return np.tile(values, width // len(values))


def _rows(split: Split, spec: Spec, limit: int) -> Iterator[Array]:
    """Yields rows `(N, C)` or `(N, D)`, float64, of some examples or all."""
    if len(split) == 0:
        raise ValueError(
            f"The training part must hold an example. Received: {split}"
        )
    if isinstance(split, WindowSplit):
        # Every row once; windows hold those in the middle many times.
        for start in range(0, len(split.part), ROWS):
            yield split.part[start : start + ROWS].astype("float64")
        return
    chosen = np.arange(len(split))
    if len(chosen) > limit:
        # A split's own order reads near what it has read: HDF5 by blocks.
        chosen = np.sort(split.order(np.random.default_rng(0))[:limit])
    size = BATCH if None not in spec.input.shape else 1
    for start in range(0, len(chosen), size):
        x, _ = read_batch(split, chosen[start : start + size])
        rows = np.asarray(x, "float64").reshape(-1, _width(spec))
        # Rows behind the end of a series are none of it.
        yield rows[~np.isnan(rows).all(axis=1)] if spec.input.varied else rows
