"""Cropping a feature map to the height and width of another."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class CenterCrop(keras.layers.Layer):
    """Crops the centre of `x` to the height and width of `reference`.

    The U-Net uses it twice: on the skip connections of the paper's valid
    convolutions, and, with same convolutions, to drop the one row or column
    that `2 * ceil(H / 2)` has more than an odd `H`.

    Call arguments:
        x: Tensor `(B, H, W, C)`.
        reference: Tensor `(B, h, w, any)`, `h <= H`, `w <= W`.

    Returns:
        Tensor `(B, h, w, C)`.

    Reference:
        Ronneberger et al., 2015, figure 1. https://arxiv.org/abs/1505.04597
    """

    def build(self, x_shape: Shape, reference_shape: Shape) -> None:
        self.built = True

    def call(self, x: Tensor, reference: Tensor) -> Tensor:
        size, target = x.shape[1:3], reference.shape[1:3]
        if None not in (*size, *target) and tuple(size) == tuple(target):
            return x
        height, width = ops.shape(x)[1:3]
        h, w = ops.shape(reference)[1:3]
        top, left = (height - h) // 2, (width - w) // 2
        return x[:, top : top + h, left : left + w, :]

    def plain(self, x: Tensor, reference: Tensor) -> Tensor:
        """Returns the same of Keras' own layers; sizes must be fixed.

        Raises:
            UsageError: If they are free: Keras crops by fixed numbers only.
        """
        sizes = (*x.shape[1:3], *reference.shape[1:3])
        if None in sizes:
            raise UsageError(
                f"The layer `{self.name}` has no equal among Keras' own for "
                "images of any size.",
                expected="a fixed size",
                received=f"an image of shape {tuple(reference.shape)}",
                hint="--size HEIGHT WIDTH",
            )
        height, width, h, w = sizes
        top, left = (height - h) // 2, (width - w) // 2
        cut = ((top, height - h - top), (left, width - w - left))
        return keras.layers.Cropping2D(cut, name=self.name)(x)

    def compute_output_shape(
        self, x_shape: Shape, reference_shape: Shape
    ) -> Shape:
        return (x_shape[0], *reference_shape[1:3], x_shape[3])

    def get_config(self) -> dict[str, Any]:
        return dict(super().get_config())
