"""Every B-spline basis at every input of a layer, as one tensor."""

from typing import Any

from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.notes.kan.pieces import pieces

UNROLLED = 16
"""Bases up to which each is an operation of its own: faster (half of the
time), but compiling takes longer with each."""


def spline_features(
    x: Tensor, low: Tensor, high: Tensor, cells: Tensor, order: int, count: int
) -> Tensor:
    """Returns the value of every basis at every input.

    Beyond the grid a basis goes on as its tangent at the end, so that a
    spline does: a line, with no jump in the value or in the slope.

    Args:
        x: Tensor `(B, D)`.
        low: Where each input's grid begins, `(D,)`.
        high: Where it ends, `(D,)`.
        cells: G, into how many cells it is divided: a scalar, at most
            `count - order`. Bases that this leaves over are 0.
        order: k of the splines.
        count: Bases of each input.

    Returns:
        Tensor `(B, count D)`: all inputs' first basis, then their second ...
    """
    u = (x - low) * (cells / (high - low))
    inside = ops.clip(u, 0, cells)
    # The last cell holds its right end: no point is without a cell.
    cell = ops.minimum(ops.floor(inside), cells - 1)
    values, slopes = pieces(inside - cell, order)
    beyond = u - inside
    seen = [v + beyond * s for v, s in zip(values, slopes, strict=True)]
    place = _unrolled if count <= UNROLLED else _broadcast
    return place(cell, seen, count)


def _unrolled(cell: Tensor, seen: list[Tensor], count: int) -> Tensor:
    zero = ops.zeros_like(seen[0])
    blocks = []
    for j in range(count):
        block = zero
        for m, value in enumerate(seen):
            if 0 <= j - m <= count - len(seen):
                block = ops.where(ops.equal(cell, j - m), value, block)
        blocks.append(block)
    return ops.concatenate(blocks, axis=1)


def _broadcast(cell: Tensor, seen: list[Tensor], count: int) -> Tensor:
    number = ops.reshape(ops.arange(count, dtype=cell.dtype), (1, count, 1))
    place = number - cell[:, None, :]
    total: Any = 0.0
    for m, value in enumerate(seen):
        here = ops.cast(ops.equal(place, m), value.dtype)
        total = total + here * value[:, None, :]
    return ops.reshape(total, (-1, count * cell.shape[1]))
