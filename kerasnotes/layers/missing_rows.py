"""Series that differ in length: which of their rows there are."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class Present(keras.layers.Layer):
    """Says which rows of a series there are: those without NaN.

    No number is kept for padding: 0 is a value like any other. As of texts,
    the mask is a tensor of the graph, handed on by name.

    Call arguments:
        x: Tensor `(B, T, D)`, raw; rows of NaN stand behind the end.

    Returns:
        Tensor `(B, T)`, bool.
    """

    def call(self, x: Tensor) -> Tensor:
        return self.plain(x)

    def compute_output_spec(self, x: Any) -> Any:
        return keras.KerasTensor(x.shape[:2], "bool")

    def plain(self, x: Tensor) -> Tensor:
        """Returns the same of Keras' own operations."""
        return ops.logical_not(ops.any(ops.isnan(x), axis=-1))


@keras.saving.register_keras_serializable("kerasnotes")
class Blank(keras.layers.Layer):
    """Puts zeros in the place of NaN: of rows that are not there.

    NaN times zero is NaN: what no mask lets through must be a number.

    Call arguments:
        x: Tensor `(B, T, D)`.

    Returns:
        Tensor `(B, T, D)`.
    """

    def call(self, x: Tensor) -> Tensor:
        return self.plain(x)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def plain(self, x: Tensor) -> Tensor:
        """Returns the same of Keras' own operations."""
        # By a condition as large as `x`, and no `zeros_like`: of others ONNX
        # makes products with 0, and NaN of these.
        return ops.where(ops.isnan(x), ops.zeros((), x.dtype), x)


@keras.saving.register_keras_serializable("kerasnotes")
class LastPresent(keras.layers.Layer):
    """Keeps the last row of each series that is there.

    Call arguments:
        x: Tensor `(B, T, D)`.
        present: Tensor `(B, T)`, bool: the first rows of each.

    Returns:
        Tensor `(B, D)`; zeros of a series without any.
    """

    def call(self, x: Tensor, present: Tensor) -> Tensor:
        return last_present(x, present)

    def compute_output_shape(
        self, x_shape: Shape, present_shape: Shape | None = None
    ) -> Shape:
        return (x_shape[0], x_shape[-1])

    def plain(self, x: Tensor, present: Tensor) -> Tensor:
        """Returns the same of Keras' own operations."""
        return last_present(x, present)


def last_present(x: Tensor, present: Tensor) -> Tensor:
    """Returns the last step of each that is there, `(B, D)`.

    Args:
        x: Tensor `(B, T, D)`.
        present: Tensor `(B, T)`, bool: the first steps of each.
    """
    there = ops.cast(present, x.dtype)
    last = there - ops.pad(there[:, 1:], [[0, 0], [0, 1]])
    return ops.einsum("btd,bt->bd", x, last)
