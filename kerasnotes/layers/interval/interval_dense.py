"""A dense layer whose weights are intervals."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.layers.interval.arithmetic import (
    straddling_terms,
    weighted_sum,
)
from kerasnotes.layers.interval.interval_weights import IntervalWeights


@keras.saving.register_keras_serializable("kerasnotes")
class IntervalDense(IntervalWeights):
    """`[x] [W] + [b]`: the exact range over all inputs and weights.

    Args:
        units: Outputs, `U`.
        signs: What is known of the inputs: `any`, `non-negative` or `point`.
            Behind a ReLU the second needs half of the products.
        kernel_initializer: Of the values; offsets begin alike.
        kwargs: As of `IntervalWeights` and `keras.layers.Layer`.

    Call arguments:
        low: Tensor `(B, D)`, lower ends; or, alone, plain inputs.
        high: Tensor `(B, D)`, upper ends.

    Returns:
        Lower and upper ends, `(B, U)` each. Without `high`, what the weights
        between the ends say of `low`, as a dense layer: `(B, U)`.

    Example:
        >>> layer = IntervalDense(2, signs="point")
        >>> x = keras.ops.ones((1, 3))
        >>> low, high = layer(x, x)
        >>> bool(keras.ops.all(low < layer(x)))
        True

    Reference:
        Oala et al., 2020, section 3. https://arxiv.org/abs/2003.11566
    """

    def __init__(
        self,
        units: int,
        kernel_initializer: str = "glorot_uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.kernel_initializer = kernel_initializer

    def build(self, low_shape: Any, high_shape: Any = None) -> None:
        shape = (low_shape[-1], self.units)
        self.kernel = self.add_interval(
            "kernel", shape, self.kernel_initializer
        )
        if self.use_bias:
            self.bias = self.add_interval("bias", (self.units,), "zeros")
        self.built = True

    def call(self, low: Tensor, high: Tensor | None = None) -> Any:
        if high is None:
            found = ops.matmul(low, self.kernel)
            return found + self.bias if self.use_bias else found
        weights = self.ends("kernel")
        down, up = weighted_sum((low, high), weights, self.signs, ops.matmul)
        if self.signs == "any":
            below, above = straddling_terms((low, high), weights)
            down, up = down + below, up - above
        return self.add_bias((down, up))

    def compute_output_shape(
        self, low_shape: Any, high_shape: Any = None
    ) -> Any:
        shape = (*low_shape[:-1], self.units)
        return shape if high_shape is None else (shape, shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "kernel_initializer": self.kernel_initializer,
        }
