"""Batch normalization, in one kernel where the backend has one."""

from typing import Any

import keras

from kerasnotes.backends.kernels.batch_norm import fused_batch_norm
from kerasnotes.base.types import Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class BatchNorm(keras.layers.BatchNormalization):
    """Keras' batch normalization, the same numbers sooner.

    Arguments, weights and results are those of
    `keras.layers.BatchNormalization`.

    Reference:
        Ioffe & Szegedy, 2015, algorithm 1. https://arxiv.org/abs/1502.03167
    """

    def call(
        self, inputs: Tensor, training: bool | None = None, mask: Any = None
    ) -> Tensor:
        fused = None
        simple = self.axis in (-1, 3) and not self.synchronized
        if training and self.trainable and mask is None and simple:
            fused = self._fused(inputs)
        if fused is None:
            return super().call(inputs, training=training, mask=mask)
        outputs, mean, variance = fused
        old, new = self.momentum, 1.0 - self.momentum
        self.moving_mean.assign(self.moving_mean * old + mean * new)
        self.moving_variance.assign(self.moving_variance * old + variance * new)
        return outputs

    def plain(self, inputs: Tensor) -> Tensor:
        """Returns the same of Keras' own layer."""
        twin = keras.layers.BatchNormalization.from_config(self.get_config())
        outputs = twin(inputs)
        twin.set_weights(self.get_weights())
        return outputs

    def _fused(self, inputs: Tensor) -> tuple[Tensor, Tensor, Tensor] | None:
        if not (self.center and self.scale):
            return None
        return fused_batch_norm(
            inputs, self.gamma, self.beta, epsilon=self.epsilon
        )
