"""A dense layer whose weights are intervals."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor
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
        value: Tensor `(B, D)`, plain inputs.
        low: Tensor `(B, D)`, lower ends of inputs.
        high: Tensor `(B, D)`, upper ends.

    Returns:
        What the weights between the ends say of `value`, `(B, U)`; and, if
        ends are given, lower and upper ends, as large. A network of one graph
        calls a layer with ends always, or never.

    Example:
        >>> layer = IntervalDense(2, signs="point")
        >>> x = keras.ops.ones((1, 3))
        >>> value, low, high = layer(x, x, x)
        >>> bool(keras.ops.all((low < value) & (value < high)))
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

    def build(
        self, value_shape: Any, low_shape: Any = None, high_shape: Any = None
    ) -> None:
        shape = (value_shape[-1], self.units)
        self.kernel = self.add_interval(
            "kernel", shape, self.kernel_initializer
        )
        if self.use_bias:
            self.bias = self.add_interval("bias", (self.units,), "zeros")
        self.built = True

    def product(self, x: Tensor, kernel: Tensor) -> Tensor:
        return ops.matmul(x, kernel)

    def compute_output_shape(
        self, value_shape: Any, low_shape: Any = None, high_shape: Any = None
    ) -> Any:
        shape = (*value_shape[:-1], self.units)
        return shape if low_shape is None else (shape, shape, shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "kernel_initializer": self.kernel_initializer,
        }
