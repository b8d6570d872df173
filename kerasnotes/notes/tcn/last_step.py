"""The last step of a series."""

import keras

from kerasnotes.base.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class LastStep(keras.layers.Layer):
    """Keeps the last step alone: the one that has seen the whole series.

    Call arguments:
        x: Tensor `(B, T, D)`.

    Returns:
        Tensor `(B, D)`.
    """

    def call(self, x: Tensor) -> Tensor:
        return x[:, -1]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[0], input_shape[-1])
