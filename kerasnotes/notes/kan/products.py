"""Nodes that multiply, as a layer: see `nodes.py`."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor


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
