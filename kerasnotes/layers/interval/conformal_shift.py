"""One shift of all ends, so that they hold as much as they are to."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.layers.interval.arithmetic import Ends


@keras.saving.register_keras_serializable("kerasnotes")
class ConformalShift(keras.layers.Layer):
    """Moves both ends outwards by the same, but not past the answer.

        low = min(low - s, answer),    high = max(high + s, answer)

    `s` is 0 until it is set; no step of training moves it.

    Call arguments:
        answer: Tensor `(B, K)`, within the ends.
        low: Tensor `(B, K)`.
        high: Tensor `(B, K)`.

    Returns:
        Lower and upper ends, `(B, K)` each.

    Reference:
        Romano, Patterson & Candes, 2019, eq. (9).
        https://arxiv.org/abs/1905.03222
    """

    def build(self, answer_shape: Any, low_shape: Any, high_shape: Any) -> None:
        self.shift = self.add_weight(
            name="shift",
            shape=(answer_shape[-1],),
            initializer="zeros",
            trainable=False,
        )
        self.built = True

    def call(self, answer: Tensor, low: Tensor, high: Tensor) -> Ends:
        return (
            ops.minimum(low - self.shift, answer),
            ops.maximum(high + self.shift, answer),
        )

    def compute_output_shape(
        self, answer_shape: Any, low_shape: Any, high_shape: Any
    ) -> Any:
        return low_shape, high_shape
