"""A layer of splines in NumPy, double precision: its features, its refit."""

import dataclasses

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.notes.kan.pieces import pieces

PER_CELL = 4
"""Points in a cell, at which a spline is fitted on another grid, beside the
data: so that it is the old one where there are none."""
RIDGE = 1e-10
"""Added to the mean of squares of the bases in a fit."""
TAILS = 0.01
"""Part of the values on either side that may lie beyond the grid."""
MARGIN = 0.25
"""Of the grid beyond those, if there are values so far."""
BEYOND = 0.002
"""Of the grid on either side of what a layer was given: other rows lie a little
farther, where a line is worse than the last cell's polynomial."""
NARROW = 1e-6
"""Width below which an input is taken as constant."""


@dataclasses.dataclass
class Edges:
    """What a `KANLayer` holds.

    Args:
        coefficients: `(G + k, D, O)`.
        base: Factors of the SiLU, `(D, O)`.
        low: Where each input's grid begins, `(D,)`.
        high: Where it ends, `(D,)`.
        order: k.
    """

    coefficients: Array
    base: Array
    low: Array
    high: Array
    order: int

    @property
    def cells(self) -> int:
        """G."""
        return len(self.coefficients) - self.order

    @property
    def parts(self) -> tuple[Array, Array]:
        """What is learned."""
        return self.coefficients, self.base

    @property
    def alive(self) -> Array:
        """Which edges say anything, `(D, O)`: those that were cut do not.

        An edge of zeros stays one, whoever solves: that is how it is cut.
        """
        some = np.any(self.coefficients != 0, axis=0)
        return np.asarray(some | (self.base != 0))

    def __call__(self, x: Array) -> Array:
        """Returns what is added up for each unit, `(N, O)`."""
        first, values, _ = self.seen(x)
        return self.summed(self.bases(first, values), silu(x))

    def summed(self, bases: Array, smooth: Array) -> Array:
        """Returns `(N, O)`, from values that are known.

        Args:
            bases: `(N, G + k, D)`.
            smooth: SiLU of the inputs, `(N, D)`.
        """
        rows = bases.reshape(len(bases), -1)
        kernel = self.coefficients.reshape(rows.shape[1], -1)
        total: Array = rows @ kernel + smooth @ self.base
        return total

    def seen(self, x: Array) -> tuple[Array, list[Array], list[Array]]:
        """Returns which bases each input sees, and what they are there.

        Args:
            x: Inputs `(N, D)`.

        Returns:
            The first base that each sees, `(N, D)`; the values of it and of
            the next k, and their slopes, `(N, D)` each.
        """
        width = (self.high - self.low) / self.cells
        u = (x - self.low) / width
        inside = np.clip(u, 0, self.cells)
        cell = np.minimum(np.floor(inside), self.cells - 1)
        values, slopes = pieces(inside - cell, self.order)
        beyond = u - inside
        if beyond.any():
            pairs = zip(values, slopes, strict=True)
            values = [value + beyond * slope for value, slope in pairs]
        return cell.astype(int), values, [slope / width for slope in slopes]

    def bases(self, first: Array, values: list[Array]) -> Array:
        """Returns the values of all bases, `(N, G + k, D)`.

        Args:
            first: As `seen` returns it.
            values: As `seen` returns them.
        """
        found = np.zeros((len(first), *self.coefficients.shape[:2]))
        rows, columns = _places(first)
        for m, value in enumerate(values):
            found[rows, first + m, columns] = value
        return found

    def back(self, first: Array, slopes: list[Array], slope: Array) -> Array:
        """Returns the gradient by the inputs, `(N, D)`, of the splines alone.

        Args:
            first: As `seen` returns it.
            slopes: As `seen` returns them.
            slope: The gradient by the answers, `(N, O)`.
        """
        total = np.zeros(first.shape)
        _, columns = _places(first)
        for m, part in enumerate(slopes):
            those = self.coefficients[first + m, columns]
            total += part * np.einsum("ndo,no->nd", those, slope)
        return total

    def splines(self, x: Array) -> Array:
        """Returns each edge's spline, without its SiLU, `(N, D, O)`."""
        first, values, _ = self.seen(x)
        return self.weighed(first, values)

    def weighed(self, first: Array, values: list[Array]) -> Array:
        """Returns coefficients times what `seen` returned, `(N, D, O)`."""
        _, columns = _places(first)
        total = np.zeros((*first.shape, self.base.shape[1]))
        for m, value in enumerate(values):
            total += value[:, :, None] * self.coefficients[first + m, columns]
        return total

    def curves(self, x: Array) -> Array:
        """Returns what each edge says, `(N, D, O)`."""
        smooth: Array = silu(x)[:, :, None] * self.base
        return self.splines(x) + smooth

    def refitted(self, x: Array, cells: int) -> "Edges":
        """Returns the same functions on grids of `cells`, where `x` lies.

        By least squares at the data and at points between, edge by edge.

        Args:
            x: Inputs of the layer, `(N, D)`.
            cells: G of the new grids.
        """
        low, high = grid_limits(x)
        room = BEYOND * (high - low)
        low, high = low - room, high + room
        count = cells + self.order
        shape = (count, *self.base.shape)
        new = Edges(np.zeros(shape), self.base.copy(), low, high, self.order)
        between = np.linspace(low, high, PER_CELL * count)
        points = np.concatenate([np.clip(x, low, high), between])
        first, parts, _ = new.seen(points)
        values = new.bases(first, parts)
        wanted = self.splines(points)
        ridge = RIDGE * len(points) * np.eye(count)
        for place in range(x.shape[1]):
            a = values[:, :, place]
            new.coefficients[:, place] = np.linalg.solve(
                a.T @ a + ridge, a.T @ wanted[:, place]
            )
        return new


def _places(first: Array) -> tuple[Array, Array]:
    """Returns indices of the rows and of the columns, to go with `first`."""
    rows, columns = first.shape
    return np.arange(rows)[:, None], np.arange(columns)


def silu(x: Array) -> Array:
    """Returns `x / (1 + e^-x)`."""
    return x * _sigmoid(x)


def silu_slope(x: Array) -> Array:
    """Returns the derivative of `silu`."""
    part = _sigmoid(x)
    slope: Array = part * (1 + x * (1 - part))
    return slope


def _sigmoid(x: Array) -> Array:
    return 0.5 * (1 + np.tanh(0.5 * x))


def grid_limits(x: Array) -> tuple[Array, Array]:
    """Returns where grids begin and end: where the values lie.

    A few values far away do not stretch a grid: splines go on as lines.

    Args:
        x: Array `(N, D)`.
    """
    low, high = np.quantile(x, [TAILS, 1 - TAILS], axis=0)
    room = MARGIN * (high - low)
    low = np.maximum(x.min(axis=0), low - room)
    high = np.minimum(x.max(axis=0), high + room)
    narrow = high - low < NARROW
    middle = (low + high) / 2
    return (
        np.where(narrow, middle - 1, low),
        np.where(narrow, middle + 1, high),
    )
