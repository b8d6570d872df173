"""A convolution with a distribution over its weights."""

from typing import Any, Literal

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.notes.bcnn.variational import Variational


@keras.saving.register_keras_serializable("kerasnotes")
class BayesianConv2D(Variational):
    """Convolution of normal weights; further arguments as of `Variational`.

    Args:
        units: Channels of the output.
        kernel_size: Side of the kernel, pixels.
        strides: Pixels between two places of the kernel.
        padding: `"same"` or `"valid"`.

    Call arguments:
        x: Tensor `(B, H, W, C)`.
        training: Whether to draw; else the weights are their means.

    Returns:
        Tensor `(B, H', W', units)`, sizes as of `keras.layers.Conv2D`.

    Reference:
        Shridhar et al., 2019, section 3. https://arxiv.org/abs/1901.02731
    """

    def __init__(
        self,
        units: int,
        kernel_size: int,
        *,
        strides: int = 1,
        padding: Literal["same", "valid"] = "same",
        **kwargs: Any,
    ) -> None:
        super().__init__(units, **kwargs)
        self.kernel_size = kernel_size
        self.strides, self.padding = strides, padding

    def kernel_shape(self, input_shape: Shape) -> Shape:
        side = self.kernel_size
        return (side, side, input_shape[-1], self.units)

    def linear(self, x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
        return ops.conv(x, kernel, self.strides, self.padding) + bias

    def plain_layer(self) -> keras.layers.Layer:
        return keras.layers.Conv2D(
            self.units,
            self.kernel_size,
            strides=self.strides,
            padding=self.padding,
            dtype=self.dtype_policy,
            name=self.name,
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        lost = self.kernel_size - 1 if self.padding == "valid" else 0
        height, width = (
            size if size is None else -(-(size - lost) // self.strides)
            for size in input_shape[1:3]
        )
        return (input_shape[0], height, width, self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
        }
