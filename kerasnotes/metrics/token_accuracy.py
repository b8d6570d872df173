"""Part of the tokens that are said rightly, those behind an end left out."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class TokenAccuracy(keras.metrics.SparseCategoricalAccuracy):
    """Part of the tokens whose logit is the highest.

    Call arguments:
        y_true: Whole numbers `(B, T)`, 0 behind the end.
        y_pred: Logits `(B, T, V)`.
    """

    def __init__(self, name: str = "accuracy", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None
    ) -> None:
        present = ops.cast(ops.not_equal(y_true, 0), "float32")
        super().update_state(y_true, y_pred, present)
