"""Reading several examples of a split at once."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasnotes.data.dataset import Array, Split
from kerasnotes.data.inputs import stack


def read_batch(split: Split, indices: Array) -> tuple[Any, Array]:
    """Reads examples of one shape, in one go where the split can.

    Returns:
        Inputs `(B, ...)` in their raw dtype, of several fields by name; and
        targets.
    """
    read = getattr(split, "read", None)
    if read is not None:
        x, y = read(indices)
        return x, y
    return stack(split[int(index)] for index in indices)


def spread(count: int, most: int) -> Array:
    """Returns at most `most` indices below `count`, evenly spread."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).round().astype("int64")


def parts(count: int, batch_size: int) -> Iterator[Array]:
    """Yields the indices below `count`, a batch at a time."""
    for start in range(0, count, batch_size):
        yield np.arange(start, min(start + batch_size, count))
