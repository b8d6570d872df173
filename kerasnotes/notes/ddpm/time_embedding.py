"""Sinusoidal embedding of a time step."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class TimeEmbedding(keras.layers.Layer):
    """Embeds a number as cosines and sines of many frequencies.

        [cos(t w_0), ..., cos(t w_{D/2-1}), sin(t w_0), ...],
        w_i = period ** (-2 i / D)

    Times may lie between steps: samplers ask for the time that belongs to a
    noise level.

    Args:
        units: Even number: size of the embedding.
        period: Ratio of the highest and the (next) lowest frequency.

    Call arguments:
        t: Tensor `(B,)`, time in steps.

    Returns:
        Tensor `(B, units)` in `[-1, 1]`.

    Reference:
        Ho, Jain & Abbeel, 2020, appendix B. https://arxiv.org/abs/2006.11239
        Vaswani et al., 2017, section 3.5. https://arxiv.org/abs/1706.03762
    """

    def __init__(
        self, units: int, period: float = 10_000.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if units % 2 or units < 2:
            raise ValueError(
                f"`units` must be even and positive. Received: units={units}"
            )
        self.units, self.period = units, period

    def build(self, t_shape: Shape) -> None:
        self.built = True

    def call(self, t: Tensor) -> Tensor:
        half = self.units // 2
        exponents = np.arange(half, dtype="float64") / half
        frequencies = (self.period**-exponents).astype("float32")
        # Float32 whatever the precision: bfloat16 cannot tell 999 from 1000.
        angles = ops.expand_dims(ops.cast(t, "float32"), -1)
        # A tensor: what PyTorch traces cannot meet an array.
        angles = angles * ops.convert_to_tensor(frequencies)
        waves = ops.concatenate([ops.cos(angles), ops.sin(angles)], axis=-1)
        return ops.cast(waves, self.compute_dtype)

    def compute_output_shape(self, t_shape: Shape) -> Shape:
        return (*t_shape, self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "period": self.period,
        }
