"""Parts of a data set that are rows of arrays held in memory."""

import functools

import numpy as np

from kerasnotes.data.dataset import Array, ArraySplit, as_targets


class MemorySplit(ArraySplit):
    """Examples held in memory, a batch read in one go.

    Args:
        x: Array `(B, ...)`.
        y: Integer array `(B,)` or `(B, H, W)`.
        rows: The number of each example in its source.
    """

    def __init__(self, x: Array, y: Array, rows: Array | None = None) -> None:
        super().__init__(x, y)
        self.rows = np.arange(len(x)) if rows is None else rows

    def read(self, indices: Array) -> tuple[Array, Array]:
        """Returns inputs `(B, ...)` and targets of the given examples."""
        return self.x[indices], self.y[indices]

    def name(self, index: int) -> str:
        return f"#{self.rows[index]}"

    def take(self, rows: Array) -> "MemorySplit":
        return MemorySplit(self.x[rows], self.y[rows], self.rows[rows])


class PickedSplit(MemorySplit):
    """Rows picked out of an array that other parts have rows of as well.

    They are gathered batch by batch, and as one array only for those who ask
    for `x`, which is then the part's own.

    Args:
        whole: Array `(N, ...)`.
        y: Labels of all of it, `(N,)` or `(N, H, W)`.
        rows: Which are picked, `(B,)`.
    """

    def __init__(self, whole: Array, y: Array, rows: Array) -> None:
        # The base's would want the array that is not gathered.
        self._held = whole, rows
        self.y = as_targets(y[rows])
        self.rows, self._names = rows, None

    @functools.cached_property
    def x(self) -> Array:  # type: ignore[override]  # it can be set
        whole, rows = self._held
        found = np.asarray(whole[rows])
        self._held = found, np.arange(len(found))
        return found

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        x, y = self.read(np.array([index]))
        return x[0], y[0]

    def read(self, indices: Array) -> tuple[Array, Array]:
        whole, rows = self._held
        return whole[rows[indices]], self.y[indices]


def take(x: Array, y: Array, rows: Array) -> MemorySplit:
    """Returns some rows of inputs `(N, ...)` and their labels as a part."""
    # A run of rows is a view: the usual case of fixed parts copies nothing.
    if len(rows) and len(rows) == rows[-1] - rows[0] + 1:
        run = slice(int(rows[0]), int(rows[-1]) + 1)
        return MemorySplit(x[run], y[run], rows)
    return PickedSplit(x, y, rows)
