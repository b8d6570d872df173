"""Accuracy of class labels, and of labels that are mixtures of classes."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class MixedAccuracy(keras.metrics.SparseCategoricalAccuracy):
    """Part of the examples answered rightly.

    Of a mixture, the class with the greatest part counts as the truth.

    Call arguments:
        y_true: Integer tensor `(B,)`, or parts of the classes `(B, K)`.
        y_pred: Tensor `(B, K)`, probabilities.
    """

    def __init__(self, name: str = "accuracy", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None
    ) -> None:
        if len(y_true.shape) > 1:
            y_true = ops.argmax(y_true, axis=-1)
        super().update_state(y_true, y_pred, sample_weight)
