"""Weak edges are cut, and stay so; the penalty makes them weak."""

import numpy as np
import pytest

from kerasnotes.notes.kan.pruning import prune, summary
from kerasnotes.notes.kan.solver import Rows, solve
from kerasnotes.notes.kan.twin import Twin

pytestmark = pytest.mark.once
RNG = np.random.default_rng(2)


def never(part, loss):
    return False


def make(products=()):
    twin = Twin.random([3, 3, 1], 3, 4, "squared", RNG, products)
    return twin, RNG.uniform(-1, 1, (200, 3))


def weaken(twin, level, i, o):
    for part in twin.layers[level].parts:
        part[..., i, o] *= 1e-4


def test_weak_edges_are_cut_and_stay_so():
    twin, x = make()
    weaken(twin, 0, 2, 0)
    weaken(twin, 1, 1, 0)
    prune(twin, x, 0.01)
    # Node 2 is heard by nobody: its three edges in go as well.
    alive = np.ones((3, 3), bool)
    alive[2, 0] = alive[:, 1] = False
    np.testing.assert_array_equal(twin.layers[0].alive, alive)
    assert twin.layers[1].alive.ravel().tolist() == [True, False, True]
    assert summary(twin) == (
        "7 of 12 edges, 2 of 3 nodes of layer 1, 3 of 3 inputs"
    )
    rows = Rows(x, np.sin(x[:, :1]) + x[:, 2:] ** 2)
    twin = solve(twin.refitted(x, 9), rows, None, 80, never)
    np.testing.assert_array_equal(twin.layers[0].alive, alive)


def test_a_product_is_nothing_without_a_factor():
    # One sum more, and sums 3 and 4 multiplied.
    twin, x = make((1, 0))
    for i in range(3):
        weaken(twin, 0, i, 4)
    prune(twin, x, 0.01)
    assert not twin.layers[0].alive[:, 3:].any()
    assert twin.layers[0].alive[:, :3].all()
    assert twin.layers[1].alive.ravel().tolist() == [True] * 3 + [False]


def spread_of(twin, x):
    """How many edges a network's magnitudes are like, the others being 0."""
    values = zip(twin.layers, twin.values(x)[:-1], strict=True)
    size = [np.abs(edges.curves(v)).mean(axis=0).ravel() for edges, v in values]
    part = np.concatenate(size) / np.concatenate(size).sum()
    return np.exp(-(part * np.log(part)).sum())


def test_the_penalty_leaves_few_edges():
    x = RNG.uniform(-1, 1, (150, 2))
    rows = Rows(x, np.sin(np.pi * x[:, :1]))
    start = Twin.random([2, 3, 1], 3, 4, "squared", RNG).refitted(x, 4)
    left = []
    for sparsity in (0.0, 0.2):
        twin = Twin(start.refitted(x, 4).layers, "squared")
        twin = solve(twin, rows, None, 60, never, sparsity)
        left.append(spread_of(twin, x))
    assert left[1] < 0.8 * left[0]
