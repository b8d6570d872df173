"""How much of a loss is gone, against answering with the mean alone."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor


class Skill(keras.metrics.Metric):
    """`1 - sum loss(y, answer) / sum loss(y, mean)` of a whole epoch.

    1 is perfect, 0 is as good as the training part's mean; for the squared
    error it is R2, up to whose mean that is.

    Reference:
        Murphy, 1988, Monthly Weather Review 116(12) (skill scores).

    Args:
        loss: Of every example, `loss.call(y, answer)`, shape `(B,)`.
        means: Mean of each value over the training part, `K` numbers.
        name: Name in logs.
    """

    def __init__(
        self, loss: Any, means: list[float], name: str = "skill"
    ) -> None:
        super().__init__(name=name, dtype="float32")
        self._loss, self._means = loss, means
        self.lost = self.add_variable((), "zeros", name="lost")
        self.floor = self.add_variable((), "zeros", name="floor")

    def update_state(
        self, y_true: Tensor, y_pred: Tensor, sample_weight: Any = None
    ) -> None:
        mean = ops.convert_to_tensor(self._means, "float32")
        simple = ops.broadcast_to(mean, ops.shape(y_pred))
        self.lost.assign_add(ops.sum(self._loss.call(y_true, y_pred)))
        self.floor.assign_add(ops.sum(self._loss.call(y_true, simple)))

    def result(self) -> Tensor:
        return 1.0 - self.lost / ops.maximum(self.floor, 1e-7)
