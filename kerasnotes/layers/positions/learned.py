"""A learned vector for every position."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class LearnedPositions(keras.layers.Layer):
    """Adds a weight for every position, `x_t + p_t`.

    Args:
        length: Positions that there are.
        deviation: Of the weights at the start.

    Call arguments:
        x: Tensor `(B, T, D)`.
        start: Position of the first token, whole number or scalar tensor;
            `start + T` must not exceed `length`.

    Returns:
        Tensor `(B, T, D)`.

    Raises:
        ValueError: If there are more tokens than positions.

    Reference:
        Gehring et al., 2017, section 3.1. https://arxiv.org/abs/1705.03122
    """

    def __init__(
        self, length: int, deviation: float = 0.02, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.length, self.deviation = length, deviation

    def build(self, input_shape: Shape) -> None:
        self.table = self.add_weight(
            shape=(self.length, input_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=self.deviation),
            name="table",
        )

    def call(self, x: Tensor, start: Any = 0) -> Tensor:
        tokens = x.shape[1]
        first = start if isinstance(start, int) else 0
        if tokens is not None and first + tokens > self.length:
            raise ValueError(
                f"There are positions for {self.length} tokens. Received: "
                f"x.shape={tuple(x.shape)}, start={start}"
            )
        positions = ops.arange(ops.shape(x)[1]) + start
        return x + ops.cast(ops.take(self.table, positions, axis=0), x.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "length": self.length,
            "deviation": self.deviation,
        }
