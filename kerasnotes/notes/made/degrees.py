"""Which unit may see which: a degree for each, and masks from degrees.

A pixel's degree is its place in the order, from 1. A hidden unit of degree m
sees pixels and units of degree m at most; the logits of a pixel of degree d
see units of degree below d.

Reference:
    Germain et al., 2015, eq. (12), (13). https://arxiv.org/abs/1502.03509

Departs from it:
    - Hidden degrees are spread evenly, not drawn, and stay the same for all
      orders: a unit's degree is then never rare by chance.
"""

import numpy as np

from kerasnotes.base.types import Array


def pixel_orders(order: str, count: int, size: int, seed: int) -> Array:
    """Returns `count` orders, `(count, size)`: pixels by number, first first.

    Args:
        order: `raster` or `random`.
        count: How many.
        size: Number of pixels.
        seed: Of random ones.
    """
    if order == "raster":
        return np.arange(size, dtype="int32")[None]
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(size) for _ in range(count)]
    return np.stack(orders).astype("int32")


def hidden_degrees(units: int, size: int) -> Array:
    """Returns degrees from 1 to `size - 1`, evenly, ascending, `(units,)`."""
    most = max(1, size - 1)
    spread: Array = 1 + np.arange(units) * most // units
    return spread.astype("int32")
