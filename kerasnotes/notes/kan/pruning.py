"""Edges that say little are cut, and nodes that nothing goes in or out of.

    strength of an edge: deviation of what it says of the training part,
    over that of the strongest of its layer

An edge is cut by making it zero: whoever solves on leaves it so.

Reference:
    Liu et al., 2024, KAN, section 2.5.1 and eq. (2.21).
    https://arxiv.org/abs/2404.19756
"""

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.notes.kan.twin import Twin


def prune(twin: Twin, x: Array, least: float) -> None:
    """Cuts edges, in place.

    Args:
        twin: The network.
        x: What it is given, `(N, D)`.
        least: Strength, 0 to 1, of edges that stay.
    """
    values = twin.values(x)[:-1]
    for edges, given in zip(twin.layers, values, strict=True):
        strength = edges.curves(given).std(axis=0)
        weak = strength < least * strength.max()
        for part in edges.parts:
            part[..., weak] = 0
    # A node without an edge in says nothing, one without an edge out says it
    # to nobody; and so on.
    before = -1
    while before != (before := _alive(twin)):
        for level in range(len(twin.layers) - 1):
            _cut_nodes(twin, level)


def summary(twin: Twin) -> str:
    """Returns what of a network is left, in words."""
    edges = sum(layer.alive.size for layer in twin.layers)
    used = np.any(twin.layers[0].alive, axis=1)
    told = f"{_alive(twin)} of {edges} edges"
    for level in range(1, len(twin.layers)):
        alive = np.any(twin.layers[level].alive, axis=1)
        told += f", {alive.sum()} of {len(alive)} nodes of layer {level}"
    return f"{told}, {used.sum()} of {len(used)} inputs"


def _alive(twin: Twin) -> int:
    return sum(int(layer.alive.sum()) for layer in twin.layers)


def _cut_nodes(twin: Twin, level: int) -> None:
    """Cuts edges of nodes between a layer and the next."""
    below, above = twin.layers[level], twin.layers[level + 1]
    count = twin.products[level]
    sums = below.base.shape[1] - 2 * count
    heard = np.any(above.alive, axis=1)
    said = np.any(below.alive, axis=0)
    # A product is nothing as soon as one factor is.
    factors = said[sums:].reshape(count, 2).all(axis=1)
    node = np.concatenate([said[:sums], factors]) & heard
    unit = np.concatenate([node[:sums], np.repeat(node[sums:], 2)])
    for part in below.parts:
        part[..., ~unit] = 0
    for part in above.parts:
        part[..., ~node, :] = 0
