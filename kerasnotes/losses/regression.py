"""Squared error of measured values, in units of the training's deviation."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class StandardizedSquaredError(keras.losses.Loss):
    """Mean of `((y - answer) / deviation)^2` over values and examples.

    Answering with the training part's mean loses 1, whatever the units.

    Args:
        deviations: Standard deviation of each value, `K` numbers above 0.
        name: Name in logs.

    Call arguments:
        y_true: Tensor `(B, K)`, raw units.
        y_pred: Tensor `(B, K)`, raw units.

    Returns:
        Scalar tensor, float32.
    """

    def __init__(
        self,
        deviations: Sequence[float],
        name: str = "standardized_squared_error",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, dtype="float32", **kwargs)
        self.deviations = [float(value) for value in deviations]

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        scale = ops.convert_to_tensor(self.deviations, "float32")
        error = ops.cast(y_true, "float32") - ops.cast(y_pred, "float32")
        return ops.mean(ops.square(error / scale), axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, "deviations": self.deviations}
