"""A convolution whose weights are intervals."""

from typing import Any, Literal

import keras
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.layers.convolution_sizes import Window, output_size
from kerasnotes.layers.interval.arithmetic import Ends
from kerasnotes.layers.interval.interval_weights import IntervalWeights


@keras.saving.register_keras_serializable("kerasnotes")
class IntervalConv2D(IntervalWeights):
    """A convolution of `[x]` with `[W]`, plus `[b]`: the exact range.

    Args:
        filters: Channels that it gives, `F`.
        kernel_size: Side of its kernels, pixels.
        strides: Pixels from one to the next.
        padding: `same` or `valid`, as of Keras; borders are filled with 0.
        signs: What is known of the inputs: `any`, `non-negative` or `point`.
        kwargs: As of `IntervalWeights` and `keras.layers.Layer`.

    Call arguments:
        value: Tensor `(B, H, W, C)`, plain inputs.
        low: Tensor `(B, H, W, C)`, lower ends of inputs.
        high: Tensor `(B, H, W, C)`, upper ends.

    Returns:
        What the weights between the ends say of `value`, `(B, H', W', F)`;
        and, if ends are given, lower and upper ends, as large. A network of
        one graph calls a layer with ends always, or never.

    Example:
        >>> layer = IntervalConv2D(4, 3, signs="point")
        >>> x = keras.ops.ones((1, 8, 8, 2))
        >>> value, low, high = layer(x, x, x)
        >>> tuple(low.shape)
        (1, 8, 8, 4)

    Reference:
        Oala et al., 2020, section 3. https://arxiv.org/abs/2003.11566
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        strides: int = 1,
        padding: Literal["same", "valid"] = "same",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding

    def build(
        self, value_shape: Any, low_shape: Any = None, high_shape: Any = None
    ) -> None:
        side = self.kernel_size
        shape = (side, side, value_shape[-1], self.filters)
        self.kernel = self.add_interval("kernel", shape, "glorot_uniform")
        if self.use_bias:
            self.bias = self.add_interval("bias", (self.filters,), "zeros")
        self.built = True

    def product(self, x: Tensor, kernel: Tensor) -> Tensor:
        return ops.conv(x, kernel, self.strides, self.padding)

    def straddling(self, inputs: Ends, weights: Ends) -> Ends:
        # Of what each kernel lies on.
        low, high = (
            ops.image.extract_patches(
                end,
                (self.kernel_size, self.kernel_size),
                strides=self.strides,
                padding=self.padding,
            )
            for end in inputs
        )
        down, up = (ops.reshape(end, (-1, self.filters)) for end in weights)
        return super().straddling((low, high), (down, up))

    def compute_output_shape(
        self, value_shape: Any, low_shape: Any = None, high_shape: Any = None
    ) -> Any:
        window = Window(self.kernel_size, self.strides)
        sides = [
            side and output_size(side, window, self.padding)
            for side in value_shape[1:3]
        ]
        shape = (value_shape[0], *sides, self.filters)
        return shape if low_shape is None else (shape, shape, shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
        }
