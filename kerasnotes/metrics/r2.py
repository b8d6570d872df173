"""The coefficient of determination of a whole epoch, batch by batch."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class R2(keras.metrics.Metric):
    """`1 - sum (y - answer)^2 / sum (y - mean y)^2`, mean over the values.

    Sums are of standardized values: those of raw ones, as Keras'
    `R2Score` keeps them, lose all digits where the mean is large.

    Args:
        means: Mean of each value over the training part, `K` numbers.
        deviations: Standard deviation of each, above 0.
        name: Name in logs.
    """

    def __init__(
        self,
        means: Sequence[float],
        deviations: Sequence[float],
        name: str = "r2",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, dtype="float32", **kwargs)
        self.means = [float(value) for value in means]
        self.deviations = [float(value) for value in deviations]
        shape = (len(self.means),)
        self.count = self.add_variable((), "zeros", name="count")
        self.errors = self.add_variable(shape, "zeros", name="errors")
        self.sums = self.add_variable(shape, "zeros", name="sums")
        self.squares = self.add_variable(shape, "zeros", name="squares")

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None
    ) -> None:
        mean = ops.convert_to_tensor(self.means, "float32")
        scale = ops.convert_to_tensor(self.deviations, "float32")
        # Of a series every row counts.
        flat = (-1, len(self.means))
        y = ops.reshape((ops.cast(y_true, "float32") - mean) / scale, flat)
        answer = ops.reshape((ops.cast(y_pred, "float32") - mean) / scale, flat)
        self.count.assign_add(ops.cast(ops.shape(y)[0], "float32"))
        self.errors.assign_add(ops.sum(ops.square(y - answer), axis=0))
        self.sums.assign_add(ops.sum(y, axis=0))
        self.squares.assign_add(ops.sum(ops.square(y), axis=0))

    def result(self) -> Tensor:
        varied = self.squares - ops.square(self.sums) / ops.maximum(
            self.count, 1.0
        )
        return ops.mean(1.0 - self.errors / ops.maximum(varied, 1e-7))

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "means": self.means,
            "deviations": self.deviations,
        }
