"""Networks that a formula is looked for in, the smallest first."""

import numpy as np

from kerasnotes.data.reading import spread
from kerasnotes.notes.kan.solver import Rows, Told, best_start, solve
from kerasnotes.notes.kan.twin import Twin

GRIDS = 5, 10, 20
"""Of such a network, where there are rows enough."""
ITERATIONS = 350
ROWS = 1_000
"""That it learns from."""

Structure = tuple[tuple[int, ...], tuple[int, ...]]
"""Sums and products of each layer behind the input."""


STRUCTURES: tuple[Structure, ...] = (
    ((1,), (0,)),
    ((1, 1), (0, 0)),
    ((0, 1), (1, 0)),
    ((2, 1), (0, 0)),
    ((1, 1), (1, 0)),
    ((1, 1, 1), (1, 0, 0)),
    ((2, 1, 1), (0, 0, 0)),
)


def trained(
    structure: Structure,
    train: Rows,
    judge: Rows,
    rng: np.random.Generator,
    told: Told,
) -> Twin:
    """Returns such a network, as it was best on the validation part.

    Args:
        structure: Sums and products of its layers.
        train: Standardized rows.
        judge: Others, that pick the grid.
        rng: Draws its starts.
        told: Hears of it.
    """
    rows = spread(len(train.x), ROWS)
    train = Rows(train.x[rows], train.y[rows])
    sums, products = structure
    widths = (train.x.shape[1], *sums)
    best = best_start(
        widths, 3, GRIDS[0], "squared", train, rng, told, judge, products
    )
    least = np.inf
    for cells in GRIDS:
        new = best.refitted(train.x, cells)
        new = solve(new, train, judge, ITERATIONS, told)
        reached = new.measure(judge.x, judge.y)
        if reached >= least:
            break
        best, least = new, reached
    return best
