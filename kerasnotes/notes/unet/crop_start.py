"""Keeping the first rows and columns of a feature map."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class CropStart(keras.layers.Layer):
    """Keeps as many first rows and columns of `x` as `reference` has.

    Call arguments:
        x: Tensor `(B, H, W, C)`.
        reference: Tensor `(B, h, w, any)`, `h <= H`, `w <= W`.

    Returns:
        Tensor `(B, h, w, C)`.
    """

    def build(self, x_shape: Shape, reference_shape: Shape) -> None:
        self.built = True

    def call(self, x: Tensor, reference: Tensor) -> Tensor:
        h, w = ops.shape(reference)[1:3]
        return x[:, :h, :w, :]

    def compute_output_shape(
        self, x_shape: Shape, reference_shape: Shape
    ) -> Shape:
        return (x_shape[0], *reference_shape[1:3], x_shape[3])

    def get_config(self) -> dict[str, Any]:
        return dict(super().get_config())
