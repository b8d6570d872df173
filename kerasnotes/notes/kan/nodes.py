"""Nodes that multiply: of two sums one product.

    h = (z_1 ... z_s,  z_{s+1} z_{s+2},  z_{s+3} z_{s+4} ...)

Reference:
    Liu et al., 2024, KAN 2.0, section 2.1 (MultKAN).
    https://arxiv.org/abs/2408.10205
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Array, Tensor


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


@keras.saving.register_keras_serializable("kerasnotes")
class ProductNodes(keras.layers.Layer):
    """Multiplies the last sums of a layer by pairs.

    Args:
        count: How many products.
        name: The layer's name.

    Call arguments:
        z: Tensor `(B, O)`.

    Returns:
        Tensor `(B, O - count)`.
    """

    def __init__(self, count: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.count = int(count)

    def call(self, z: Tensor) -> Tensor:
        sums = z.shape[-1] - 2 * self.count
        products = z[:, sums::2] * z[:, sums + 1 :: 2]
        return ops.concatenate([z[:, :sums], products], axis=1)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        return (*input_shape[:-1], input_shape[-1] - self.count)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "count": self.count}
