"""The layer that makes spikes of what a network is given."""

import random
from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.layers.spiking.encodings import (
    delta_code,
    latency_code,
    rate_code,
)

Encoding = Literal["direct", "rate", "latency", "log-latency", "delta"]


@keras.saving.register_keras_serializable("kerasnotes")
class Encode(keras.layers.Layer):
    """Gives every step its share of the inputs, time folded into the batch.

    Args:
        steps: T; of a series, its rows.
        encoding: `direct` hands a series' rows on as they are. `rate` draws
            spikes: in training anew each time; else always the same ones,
            drawn from `seed` when the layer is made, so that an answer
            depends on its example alone.
        series: Whether the input has a time of its own, `(B, T, ...)`.
        threshold: Of latencies and changes.
        seed: Of what is drawn.
        name: The layer's name.

    Call arguments:
        x: Tensor `(B, ...)`, numbers between 0 and 1; of a series with
            `direct` or `delta`, any.
        training: Whether to draw anew.

    Returns:
        Tensor `(T B, ...)`.
    """

    def __init__(
        self,
        steps: int,
        encoding: Encoding,
        series: bool = False,
        threshold: float = 0.1,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.steps, self.encoding = int(steps), encoding
        self.series, self.threshold = bool(series), float(threshold)
        self.seed = seed
        if encoding == "rate":
            # As `layers/dropout.py`: a state that checkpoints hold.
            self.seed = seed or random.randint(1, 10**9)
            self.generator = keras.random.SeedGenerator(self.seed)

    def build(self, input_shape: Shape) -> None:
        if self.encoding == "rate":
            rest = input_shape[2:] if self.series else input_shape[1:]
            rng = np.random.default_rng(self.seed)
            # All examples have the same draws.
            shape = (self.steps, 1, *(side or 1 for side in rest))
            self._draws = rng.random(shape, "float32")
        self.built = True

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        if self.series:
            x = ops.swapaxes(x, 0, 1)
        found = self._spikes(x, bool(training))
        return ops.reshape(found, (-1, *found.shape[2:]))

    def _spikes(self, x: Tensor, training: bool) -> Tensor:
        match self.encoding:
            case "rate":
                return rate_code(x, self._draw(x, training))
            case "latency":
                return latency_code(x, self.steps, "linear", self.threshold)
            case "log-latency":
                return latency_code(
                    x, self.steps, "logarithmic", self.threshold
                )
            case "delta":
                return delta_code(x, self.threshold)
        return x

    def _draw(self, x: Tensor, training: bool) -> Tensor:
        if not training:
            return ops.convert_to_tensor(self._draws, x.dtype)
        shape = ops.shape(x) if self.series else (self.steps, *ops.shape(x))
        return keras.random.uniform(shape, dtype=x.dtype, seed=self.generator)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, *rest = input_shape
        if self.series:
            rest = rest[1:]
        if batch is not None:
            batch *= self.steps
        return (batch, *rest)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "steps": self.steps,
            "encoding": self.encoding,
            "series": self.series,
            "threshold": self.threshold,
            "seed": self.seed,
        }
