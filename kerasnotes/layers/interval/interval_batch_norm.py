"""Batch normalization of intervals."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.layers.batch_norm import BatchNorm


@keras.saving.register_keras_serializable("kerasnotes")
class IntervalBatchNorm(BatchNorm):
    """Batch normalization that takes intervals too.

    With kept statistics it is `s x + t`, `s = gamma / sqrt(variance +
    epsilon)`; where `s` is negative the ends change places:

        low = s+ x_low - s- x_high + t,    high = s+ x_high - s- x_low + t

    Intervals are always normalized by kept statistics, and move no weight.

    Call arguments:
        low: Tensor `(B, ..., C)`, lower ends; or, alone, plain inputs.
        high: Tensor `(B, ..., C)`, upper ends.
        training: Whether plain inputs are normalized by the batch.

    Returns:
        Lower and upper ends; without `high` what Keras' layer gives.

    Reference:
        Ioffe & Szegedy, 2015, algorithm 2. https://arxiv.org/abs/1502.03167
    """

    def build(self, low_shape: Any, high_shape: Any = None) -> None:
        super().build(low_shape)

    def call(
        self,
        low: Tensor,
        high: Tensor | None = None,
        training: bool | None = None,
    ) -> Any:
        if high is None:
            return super().call(low, training=training)
        scale, shift = self._affine()
        plus, minus = ops.relu(scale), ops.relu(-scale)
        return (
            plus * low - minus * high + shift,
            plus * high - minus * low + shift,
        )

    def _affine(self) -> tuple[Tensor, Tensor]:
        """Returns `s` and `t`, `(C,)`, which learn nothing from intervals."""
        deviation = ops.sqrt(self.moving_variance + self.epsilon)
        scale = self.gamma / deviation
        shift = self.beta - self.moving_mean * scale
        return ops.stop_gradient(scale), ops.stop_gradient(shift)

    def compute_output_shape(
        self, low_shape: Any, high_shape: Any = None
    ) -> Any:
        return low_shape if high_shape is None else (low_shape, low_shape)
