"""A convolution with a distribution over its weights."""

from typing import Any, Literal

import keras
from keras import ops

from kerasnotes.layers.bayesian_layer import BayesianLayer
from kerasnotes.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class BayesianConv2D(BayesianLayer):
    """Convolution of normal weights; see `BayesianLayer`.

    Args:
        filters: Channels of the output.
        kernel_size: Side of the kernel, pixels.
        strides: Pixels between two places of the kernel.
        padding: `"same"` or `"valid"`.

    Call arguments:
        x: Tensor `(B, H, W, C)`.
        training: Whether to draw; if false, the means are used.

    Returns:
        Tensor `(B, H', W', filters)`, sizes as of `keras.layers.Conv2D`.

    Reference:
        Shridhar et al., 2019, section 3. https://arxiv.org/abs/1901.02731
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
        self.filters, self.kernel_size = filters, kernel_size
        self.strides, self.padding = strides, padding

    def build(self, x_shape: Shape) -> None:
        side = self.kernel_size
        self.build_posteriors((side, side, x_shape[-1], self.filters))

    def linear(self, x: Tensor, kernel: Tensor) -> Tensor:
        return ops.conv(x, kernel, self.strides, self.padding)

    def compute_output_shape(self, x_shape: Shape) -> Shape:
        lost = self.kernel_size - 1 if self.padding == "valid" else 0
        height, width = (
            size if size is None else -(-(size - lost) // self.strides)
            for size in x_shape[1:3]
        )
        return (x_shape[0], height, width, self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
        }
