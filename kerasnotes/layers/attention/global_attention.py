"""Attention of a recurrent decoder over all states of its encoder."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.layers.attention.masks import hidden_score


@keras.saving.register_keras_serializable("kerasnotes")
class GlobalAttention(keras.layers.Layer):
    """Joins a decoder's state with the encoder's states that fit it.

        a_ts = softmax_s(h_t W_a m_s)              how much each is taken
        c_t  = sum_s a_ts m_s                      the context
        y_t  = tanh([c_t, h_t] W_c)

    Args:
        units: Of `y_t`.

    Call arguments:
        query: Tensor `(B, T, D)`, the decoder's states `h`.
        memory: Tensor `(B, S, M)`, the encoder's states `m`.
        present: Bool tensor `(B, S)`, which of them are of tokens.

    Returns:
        Tensor `(B, T, units)`.

    Reference:
        Luong, Pham & Manning, 2015, eqs. (5), (7) and (8), `general`.
        https://arxiv.org/abs/1508.04025
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(
        self,
        query_shape: Shape,
        memory_shape: Shape,
        present_shape: Shape | None = None,
    ) -> None:
        width, kept = query_shape[-1] or 0, memory_shape[-1] or 0
        self.score_kernel = self.add_weight(
            shape=(width, kept), name="score_kernel"
        )
        self.kernel = self.add_weight(
            shape=(kept + width, self.units), name="kernel"
        )

    def call(self, query: Tensor, memory: Tensor, present: Tensor) -> Tensor:
        weights = ops.cast(self.weights_of(query, memory, present), query.dtype)
        context = ops.matmul(weights, memory)
        both = ops.concatenate([context, query], axis=-1)
        return ops.tanh(ops.matmul(both, self.kernel))

    def weights_of(
        self, query: Tensor, memory: Tensor, present: Tensor
    ) -> Tensor:
        """Returns what is taken, `(B, T, S)`, float32; each row sums to 1."""
        keys = ops.transpose(memory, (0, 2, 1))
        scores = ops.matmul(ops.matmul(query, self.score_kernel), keys)
        scores = ops.cast(scores, "float32")
        shown = ops.cast(present, "bool")[:, None]
        scores = ops.where(shown, scores, hidden_score("float32"))
        return ops.softmax(scores, axis=-1)

    def compute_output_shape(
        self, query_shape: Shape, *_: Shape | None
    ) -> Shape:
        return (*query_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
