"""Windows of a series, and the rows that follow each: views, no copies."""

from typing import Any

import numpy as np

from kerasnotes.data.dataset import Array, Split
from kerasnotes.data.series.ahead import Ahead

MOST = 100_000
"""Windows that are enough to choose an epoch by."""


class WindowSplit:
    """One part of a series, a window and what follows it an example.

    What is forecast lies inside the part. What it is forecast from may
    begin before the part, as the past does: it is known by then.

    Args:
        values: The whole series `(N, D)`, float32.
        places: Columns that are forecast.
        window: Rows `T` that a forecast is made from.
        horizon: Rows `H` that are forecast.
        rows: First row of the part, and the one after its last.
        stamps: Time of every row `(N,)`, `datetime64`, or `None`.
        ahead: What is told of the rows that are forecast; an example is then
            `{"series": (T, D), "future": (H, C)}`.
    """

    def __init__(
        self,
        values: Array,
        places: list[int],
        window: int,
        horizon: int,
        rows: tuple[int, int],
        stamps: Array | None = None,
        ahead: Ahead | None = None,
    ) -> None:
        self.values, self.places, self.stamps = values, places, stamps
        self.ahead = ahead
        self.window, self.horizon = window, horizon
        self.start, self.stop = rows
        self.first = max(self.start, window)
        self._around = np.arange(-window, horizon)

    @property
    def part(self) -> Array:
        """The rows of this part `(M, D)`, each once."""
        return self.values[self.start : self.stop]

    def __len__(self) -> int:
        return max(0, self.stop - self.first - self.horizon + 1)

    def __getitem__(self, index: int) -> tuple[Any, Array]:
        row = self.first + index
        after = slice(row, row + self.horizon)
        past = self.values[row - self.window : row]
        rows = self.values[after]
        return self._told(past, rows, after), rows[:, self.places]

    def read(self, indices: Array) -> tuple[Any, Array]:
        """Returns windows `(B, T, D)` and what follows them, `(B, H, K)`."""
        where = self.first + np.asarray(indices)[:, None] + self._around
        both = self.values[where]
        past, rows = both[:, : self.window], both[:, self.window :]
        after = where[:, self.window :]
        return self._told(past, rows, after), rows[..., self.places]

    def _told(self, past: Array, rows: Array, after: Any) -> Any:
        """Returns an input: the past, and what is known of what follows."""
        if self.ahead is None:
            return past
        stamps = None if self.stamps is None else self.stamps[after]
        return {"series": past, "future": self.ahead(rows, stamps)}

    def name(self, index: int) -> str:
        row = self.first + index
        if self.stamps is None:
            return f"row {row}"
        return str(self.stamps[row]).replace("T", " ")

    def times(self, index: int) -> Array:
        """Returns the stamps of a window and of what follows, `(T + H,)`.

        None if they are unknown.
        """
        if self.stamps is None:
            return np.arange(0)
        row = self.first + index
        return self.stamps[row - self.window : row + self.horizon]

    def order(self, rng: np.random.Generator) -> Array:
        return rng.permutation(len(self))


class SomeWindows:
    """A part's windows, but of very many only some.

    Neighbours share nearly all of their rows. They are drawn, not taken at
    equal distances: those could be whole seasons.

    Args:
        split: All of them.
        most: How many; no more than there are.
    """

    def __init__(self, split: WindowSplit, most: int) -> None:
        self.split = split
        rng = np.random.default_rng(0)
        self._rows = np.sort(rng.choice(len(split), most, replace=False))

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> tuple[Any, Array]:
        return self.split[int(self._rows[index])]

    def read(self, indices: Array) -> tuple[Any, Array]:
        return self.split.read(self._rows[indices])

    def name(self, index: int) -> str:
        return self.split.name(int(self._rows[index]))

    def order(self, rng: np.random.Generator) -> Array:
        return rng.permutation(len(self))


def some_windows(split: Split) -> Split:
    """Returns a split itself, or some of its windows if there are very many."""
    if isinstance(split, WindowSplit) and len(split) > MOST:
        return SomeWindows(split, MOST)
    return split
