"""Doubling an image's sides, and a 3x3 convolution of what comes out."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class UpsampleConv(keras.layers.Layer):
    """Repeats every pixel 2x2 times, then convolves with a 3x3 kernel.

    Most of what the kernel then reads is read twice or four times. So the
    two are one transposed convolution of stride 2, by a 4x4 kernel whose
    entries are sums of the 3x3 kernel's: along each axis

        (w_0, w_1, w_2)  ->  (w_2, w_1 + w_2, w_0 + w_1, w_0)

    4 products a pixel instead of 9, and no large image in between; the
    weights are those of the plain convolution.

    Args:
        filters: Channels of the result.

    Call arguments:
        x: Tensor `(B, H, W, C)`.

    Returns:
        Tensor `(B, 2H, 2W, filters)`.
    """

    def __init__(self, filters: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.filters = filters

    def build(self, x_shape: Shape) -> None:
        self.kernel = self.add_weight(
            shape=(3, 3, x_shape[-1], self.filters),
            initializer="glorot_uniform",
            name="kernel",
        )
        self.bias = self.add_weight(
            shape=(self.filters,), initializer="zeros", name="bias"
        )
        self.built = True

    def call(self, x: Tensor) -> Tensor:
        kernel = _spread(ops.convert_to_tensor(self.kernel), axis=0)
        kernel = ops.transpose(_spread(kernel, axis=1), (0, 1, 3, 2))
        y = ops.conv_transpose(
            x, ops.cast(kernel, x.dtype), strides=2, padding="same"
        )
        return y + ops.cast(self.bias, y.dtype)

    def compute_output_shape(self, x_shape: Shape) -> Shape:
        height, width = (s and 2 * s for s in x_shape[1:3])
        return (x_shape[0], height, width, self.filters)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "filters": self.filters}


def _spread(kernel: Tensor, axis: int) -> Tensor:
    first, middle, last = ops.unstack(kernel, 3, axis=axis)
    return ops.stack([last, middle + last, first + middle, first], axis=axis)
