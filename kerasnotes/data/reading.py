"""Reading several examples of a split at once."""

from collections.abc import Iterable, Iterator

import numpy as np

from kerasnotes.data.dataset import Array, Split


def read_batch(split: Split, indices: Array) -> tuple[Array, Array]:
    """Reads examples of one shape, in one go where the split can.

    Returns:
        Inputs `(B, ...)` in their raw dtype, and targets, int32.
    """
    read = getattr(split, "read", None)
    if read is not None:
        x, y = read(indices)
        return x, y
    return stack(split[int(index)] for index in indices)


def as_fed(x: Array) -> Array:
    """Returns raw inputs in the type that networks are given them in.

    Numbers of tokens, the only ones of type int32, stay whole; all else is
    float32.
    """
    return x if x.dtype == np.int32 else np.asarray(x, "float32")


def spread(count: int, most: int) -> Array:
    """Returns at most `most` indices below `count`, evenly spread."""
    if count <= most:
        return np.arange(count)
    return np.linspace(0, count - 1, most).round().astype("int64")


def parts(count: int, batch_size: int) -> Iterator[Array]:
    """Yields the indices below `count`, a batch at a time."""
    for start in range(0, count, batch_size):
        yield np.arange(start, min(start + batch_size, count))


def stack(examples: Iterable[tuple[Array, Array]]) -> tuple[Array, Array]:
    """Stacks pairs of input and target into a batch."""
    x, y = zip(*examples, strict=True)
    return np.stack(x), np.stack(y)
