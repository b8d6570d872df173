"""Cross-entropy of class probabilities, one number per example."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor

TINY = 1e-30


def cross_entropy(y_true: Tensor, probabilities: Tensor) -> Tensor:
    """Returns `-log p_true`.

    Not clipped at 1e-7 as Keras' own: behind a softmax the gradient is
    `p - y` for every example, the most wrong ones included.

    Args:
        y_true: Integer tensor `(B,)`, `0 .. K - 1`.
        probabilities: Float tensor `(B, K)`, softmax over the last axis.

    Returns:
        Tensor `(B,)`, float32, nats.
    """
    p = ops.cast(probabilities, "float32")
    y = ops.cast(y_true, "int32")
    g = ops.one_hot(y, p.shape[-1], dtype="float32")
    return -ops.log(ops.sum(g * p, axis=-1) + TINY)


def soft_cross_entropy(shares: Tensor, probabilities: Tensor) -> Tensor:
    """Returns `-sum_k share_k log p_k`.

    Args:
        shares: Tensor `(B, K)`, adding up to 1.
        probabilities: Tensor `(B, K)`, softmax over the last axis.

    Returns:
        Tensor `(B,)`, float32, nats.
    """
    p = ops.cast(probabilities, "float32")
    shares = ops.cast(shares, "float32")
    return -ops.sum(shares * ops.log(p + TINY), axis=-1)


@keras.saving.register_keras_serializable("kerasnotes")
class CrossEntropy(keras.losses.Loss):
    """Cross-entropy of labels and probabilities, mean over the batch.

    Args:
        label_smoothing: Part `s` of each label that is shared out among all
            classes: `(1 - s) y + s / K`.
        name: Name in logs.

    Call arguments:
        y_true: Integer tensor `(B,)`, `0 .. K - 1`; of mixed examples, the
            part of each class, float tensor `(B, K)`.
        y_pred: Tensor `(B, K)`, probabilities.
        sample_weight: `None`, or tensor `(B,)`; the mean is over examples.

    Returns:
        Scalar tensor, float32, nats.

    Reference:
        Szegedy et al., 2016, section 7 (label smoothing).
        https://arxiv.org/abs/1512.00567
    """

    def __init__(
        self,
        label_smoothing: float = 0.0,
        name: str = "cross_entropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.label_smoothing = float(label_smoothing)

    def __call__(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None
    ) -> Tensor:
        # Keras' own would turn the labels into floats.
        nats = self.call(
            ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        )
        if sample_weight is not None:
            nats = nats * ops.convert_to_tensor(sample_weight, "float32")
        return ops.mean(nats)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        mixed = len(y_true.shape) > 1
        if not mixed and not self.label_smoothing:
            return cross_entropy(y_true, y_pred)
        count = y_pred.shape[-1]
        if not mixed:
            y_true = ops.one_hot(ops.cast(y_true, "int32"), count)
        smooth = self.label_smoothing
        shares = (1 - smooth) * ops.cast(y_true, "float32") + smooth / count
        return soft_cross_entropy(shares, y_pred)

    def get_config(self) -> dict[str, Any]:
        # `reduction` is left out: the mean over the batch is part of it.
        return {"name": self.name, "label_smoothing": self.label_smoothing}
