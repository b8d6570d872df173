"""Accuracy of the pixels that have a class."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class KnownAccuracy(keras.metrics.SparseCategoricalAccuracy):
    """Part of the pixels answered rightly; labels below 0 do not count.

    Call arguments:
        y_true: Integer tensor `(B, H, W)`, `0 .. K - 1`, or below 0.
        y_pred: Tensor `(B, H, W, K)`, probabilities.
    """

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None
    ) -> None:
        y_true = ops.cast(y_true, "int32")
        labelled = ops.cast(ops.greater_equal(y_true, 0), "float32")
        super().update_state(ops.maximum(y_true, 0), y_pred, labelled)
