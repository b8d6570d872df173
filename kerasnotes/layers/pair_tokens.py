"""The beginning and the end of a network that translates texts.

A decoder learns with the truth before each token (teacher forcing): it is
given the targets, one place on.
"""

from typing import Any

import keras
from keras import initializers, layers, ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.data.fields import Field


@keras.saving.register_keras_serializable("kerasnotes")
class OnePlaceOn(keras.layers.Layer):
    """Puts a token before a text and takes the last away.

    Args:
        first: The token's number.

    Call arguments:
        ids: Tensor `(B, T)`, whole numbers.

    Returns:
        Tensor `(B, T)`.
    """

    def __init__(self, first: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.first = first

    def call(self, ids: Tensor) -> Tensor:
        before = ops.zeros_like(ids[:, :1]) + self.first
        return ops.concatenate([before, ids[:, :-1]], axis=1)

    def compute_output_spec(self, ids: Any) -> Any:
        return keras.KerasTensor(ids.shape, ids.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "first": self.first}


def pair_inputs() -> dict[str, Tensor]:
    """Returns the inputs of a network in training, of texts of any length.

    Returns:
        `x`, sources `(B, S)`, and `y`, targets `(B, T)`, int32.
    """
    return {
        name: keras.Input((None,), dtype="int32", name=name) for name in "xy"
    }


def token_vectors(field: Field, width: int, name: str, tied: bool) -> Any:
    """Returns a layer from tokens to vectors, and back to logits.

    As large as `width ** -0.5`, so that products with features of order one
    are of order one too.

    Args:
        field: Of the tokens.
        width: Numbers of a vector.
        name: The layer's.
        tied: Whether logits are products with the same vectors.
    """
    return layers.ReversibleEmbedding(
        field.vocabulary,
        width,
        tie_weights=tied,
        embeddings_initializer=initializers.RandomNormal(stddev=width**-0.5),
        reverse_dtype="float32",
        name=name,
    )
