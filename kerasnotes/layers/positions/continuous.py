"""Places in a sequence of one length as a continuous coordinate."""

import math
from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.layers.positions.fourier import FourierPositions


@keras.saving.register_keras_serializable("kerasnotes")
class ContinuousPositions(keras.layers.Layer):
    """Adds a linear map of gamma(p), the first token at -1, the last at 1.

        x_t + gamma(p_t) W,   p_t = 2 t / (L - 1) - 1

    Frequencies double while each wave is longer than two tokens.

    Args:
        length: `L`, tokens of a whole sequence.

    Call arguments:
        x: Tensor `(B, T, D)`.
        start: Position of the first token, whole number or scalar tensor.

    Returns:
        Tensor `(B, T, D)`.
    """

    def __init__(self, length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.length = length
        count = max(1, int(math.log2(max(length, 2))))
        self.gamma = FourierPositions(count, with_input=True, name="gamma")

    def build(self, input_shape: Shape) -> None:
        width = self.gamma.compute_output_shape((1,))[0]
        self.kernel = self.add_weight(
            shape=(width, input_shape[-1]),
            initializer=keras.initializers.RandomNormal(stddev=0.1),
            name="kernel",
        )

    def call(self, x: Tensor, start: Any = 0) -> Tensor:
        places = ops.cast(ops.arange(ops.shape(x)[1]) + start, "float32")
        p = 2.0 * places / max(1, self.length - 1) - 1.0
        encoding = ops.matmul(
            ops.cast(self.gamma(p[:, None]), x.dtype), self.kernel
        )
        return x + ops.cast(encoding, x.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "length": self.length}
