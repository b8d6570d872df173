"""Numbers of tokens to vectors, and which of them are padding."""

from typing import Any

import keras
from keras import layers, ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.data.fields import Field
from kerasnotes.layers.dropout import dropout


@keras.saving.register_keras_serializable("kerasnotes")
class NotPadding(keras.layers.Layer):
    """Says which tokens are some: all but 0, which stands behind a text.

    The mask is a tensor of the graph, handed on by name, not hidden in
    another: no layer between loses it unseen, on any backend.

    Call arguments:
        ids: Tensor `(B, T)`, whole numbers.

    Returns:
        Tensor `(B, T)`, bool.
    """

    def call(self, ids: Tensor) -> Tensor:
        return ops.not_equal(ids, 0)

    def compute_output_spec(self, ids: Any) -> Any:
        return keras.KerasTensor(ids.shape, "bool")

    def plain(self, ids: Tensor) -> Tensor:
        """Returns the same of Keras' own operations."""
        return ops.not_equal(ids, 0)


@keras.saving.register_keras_serializable("kerasnotes")
class MaskedMean(keras.layers.Layer):
    """Means over the tokens of each text: `sum_t m_t x_t / sum_t m_t`.

    Call arguments:
        x: Tensor `(B, T, D)`.
        present: Tensor `(B, T)`, bool: which steps are tokens. It is no
            `mask` to Keras, which would hand it on to the loss.

    Returns:
        Tensor `(B, D)`; zeros of a text without any.
    """

    def call(self, x: Tensor, present: Tensor) -> Tensor:
        weights = ops.cast(present, x.dtype)
        total = ops.einsum("btd,bt->bd", x, weights)
        count = ops.sum(weights, axis=1, keepdims=True)
        return total / ops.maximum(count, 1)

    def compute_output_shape(
        self, x_shape: Shape, present_shape: Shape | None = None
    ) -> Shape:
        return (x_shape[0], x_shape[-1])


def embed(
    ids: Tensor, field: Field, units: int, rate: float = 0.0
) -> tuple[Tensor, Tensor]:
    """Returns a vector for every token, and which of them are no padding.

    Args:
        ids: Input `(B, T)`, int32.
        field: Of the texts: how many different tokens there are.
        units: `D`.
        rate: Of dropout of the vectors.

    Returns:
        Tensors `(B, T, D)` and `(B, T)`, bool.
    """
    mask = NotPadding(name="not_padding")(ids)
    x = layers.Embedding(field.vocabulary, units, name="embedding")(ids)
    if rate:
        x = dropout(rate, "embedding_dropout")(x)
    return x, mask
