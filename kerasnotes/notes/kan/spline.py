"""B-splines on evenly spaced knots, in closed form.

On knots that are one apart, basis j of order k is the same bump, moved: a
point in cell i, at the fraction f of it, sees the k + 1 bases i ... i + k,
whose values are polynomials of f alone:

    w_0^0 = 1,   w_m^d = ((f + d - m) w_{m-1}^{d-1} + (m + 1 - f) w_m^{d-1}) / d

Every term is positive: nothing cancels, whatever the precision. The slope is
a difference of one order less, `w_{m-1}^{k-1} - w_m^{k-1}`.

Reference:
    de Boor, 1978, A Practical Guide to Splines, chapter IX and X.
"""

from typing import Any

from keras import ops

from kerasnotes.base.types import Tensor

UNROLLED = 16
"""Bases up to which each is an operation of its own: faster (half of the
time), but compiling takes longer with each."""


def pieces(f: Any, order: int) -> tuple[list[Any], list[Any]]:
    """Returns the values of the bases that a point sees, and their slopes.

    Args:
        f: Which part of its cell lies before the point, 0 to 1: a number, an
            array or a tensor of any shape.
        order: k, at least 1.

    Returns:
        `k + 1` values of the shape of `f`, which add up to 1; as many slopes,
        per cell, which add up to 0.
    """
    lower = [f * 0 + 1]
    for d in range(1, order):
        lower = _raised(lower, f, d)
    slopes = [-lower[0]]
    slopes += [lower[m - 1] - lower[m] for m in range(1, order)]
    slopes.append(lower[-1])
    return _raised(lower, f, order), slopes


def _raised(lower: list[Any], f: Any, d: int) -> list[Any]:
    """Returns the values of order `d` from those of one less."""
    part = 1.0 / d
    found = [lower[0] * ((1 - f) * part)]
    for m in range(1, d):
        rising, falling = (f + (d - m)) * part, (m + 1 - f) * part
        found.append(lower[m - 1] * rising + lower[m] * falling)
    found.append(lower[-1] * (f * part))
    return found


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
