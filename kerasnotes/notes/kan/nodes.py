"""Nodes that multiply: of two sums one product.

    h = (z_1 ... z_s,  z_{s+1} z_{s+2},  z_{s+3} z_{s+4} ...)

Reference:
    Liu et al., 2024, KAN 2.0, section 2.1 (MultKAN).
    https://arxiv.org/abs/2408.10205
"""

import numpy as np

from kerasnotes.base.types import Array


def joined(z: Array, count: int) -> Array:
    """Returns sums as they are, and the last `2 count` multiplied by pairs.

    Args:
        z: Sums `(N, O)`.
        count: How many products.

    Returns:
        Array `(N, O - count)`.
    """
    if not count:
        return z
    sums = z.shape[1] - 2 * count
    return np.concatenate(
        [z[:, :sums], z[:, sums::2] * z[:, sums + 1 :: 2]], axis=1
    )


def joined_slope(z: Array, count: int, slope: Array) -> Array:
    """Returns the gradient by the sums `(N, O)`, from that by the nodes.

    Args:
        z: Sums `(N, O)`.
        count: How many products.
        slope: Gradient by the nodes, `(N, O - count)`.
    """
    if not count:
        return slope
    sums = z.shape[1] - 2 * count
    found = np.empty_like(z)
    found[:, :sums] = slope[:, :sums]
    found[:, sums::2] = slope[:, sums:] * z[:, sums + 1 :: 2]
    found[:, sums + 1 :: 2] = slope[:, sums:] * z[:, sums::2]
    return found
