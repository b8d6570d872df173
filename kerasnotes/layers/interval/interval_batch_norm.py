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
        inputs: Tensor `(B, ..., C)`, plain.
        low: Tensor `(B, ..., C)`, lower ends.
        high: Tensor `(B, ..., C)`, upper ends.
        training: Whether plain inputs are normalized by the batch.

    Returns:
        What Keras' layer gives for `inputs`; and, if ends are given, lower
        and upper ends.

    Reference:
        Ioffe & Szegedy, 2015, algorithm 2. https://arxiv.org/abs/1502.03167
    """

    def build(
        self, inputs_shape: Any, low_shape: Any = None, high_shape: Any = None
    ) -> None:
        super().build(inputs_shape)

    def call(  # type: ignore[override]  # Keras passes it by name
        self,
        inputs: Tensor,
        low: Tensor | None = None,
        high: Tensor | None = None,
        training: bool | None = None,
    ) -> Any:
        normed = super().call(inputs, training=training)
        if low is None or high is None:
            return normed
        scale, shift = self._affine()
        plus, minus = ops.relu(scale), ops.relu(-scale)
        return (
            normed,
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
        self, inputs_shape: Any, low_shape: Any = None, high_shape: Any = None
    ) -> Any:
        if low_shape is None:
            return inputs_shape
        return inputs_shape, low_shape, high_shape
