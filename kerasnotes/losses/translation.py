"""Cross-entropy of the tokens of texts, those behind an end left out."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor


def token_cross_entropy(
    y_true: Tensor, logits: Tensor, label_smoothing: float = 0.0
) -> Tensor:
    """Returns `-sum_k share_k log p_k` of every token.

    The true token's share is `1 - s + s / V`, every other's `s / V`.

    Args:
        y_true: Whole numbers `(B, T)`.
        logits: Tensor `(B, T, V)`.
        label_smoothing: `s`.

    Returns:
        Tensor `(B, T)`, float32, nats.

    Reference:
        Szegedy et al., 2016, section 7. https://arxiv.org/abs/1512.00567
    """
    log_p = ops.log_softmax(ops.cast(logits, "float32"), axis=-1)
    places = ops.cast(y_true, "int32")[..., None]
    nats = -ops.take_along_axis(log_p, places, axis=-1)[..., 0]
    if not label_smoothing:
        return nats
    uniform = -ops.mean(log_p, axis=-1)
    return (1 - label_smoothing) * nats + label_smoothing * uniform


@keras.saving.register_keras_serializable("kerasnotes")
class TokenCrossEntropy(keras.losses.Loss):
    """Cross-entropy of all tokens of a batch, mean over them.

    Number 0 stands behind the end of a text: it is no token.

    Args:
        label_smoothing: See `token_cross_entropy`.
        name: Name in logs.

    Call arguments:
        y_true: Whole numbers `(B, T)`, 0 behind the end.
        y_pred: Logits `(B, T, V)`.

    Returns:
        Scalar tensor, float32, nats.
    """

    def __init__(
        self,
        label_smoothing: float = 0.0,
        name: str = "token_cross_entropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.label_smoothing = float(label_smoothing)

    def __call__(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None
    ) -> Tensor:
        # Keras' own would average over padding too.
        return self.call(
            ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        )

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        nats = token_cross_entropy(y_true, y_pred, self.label_smoothing)
        counts = ops.cast(ops.not_equal(y_true, 0), "float32")
        return ops.sum(nats * counts) / ops.maximum(ops.sum(counts), 1.0)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "label_smoothing": self.label_smoothing}
