"""Positions as rotations of queries and keys."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class Rotary(keras.layers.Layer):
    """Turns each pair of features by an angle that grows with the position.

        (x_2i, x_2i+1)  ->  by the angle  t 10000^(-2i / D)

    The product of a turned query and a turned key depends on how far they
    stand apart, not on where.

    Args:
        max_wavelength: In place of 10000.

    Call arguments:
        x: Queries or keys `(B, T, N, D)`, `D` even.
        start: Position of the first token, whole number or scalar tensor.

    Returns:
        Tensor `(B, T, N, D)`.

    Raises:
        ValueError: If `D` is odd.

    Reference:
        Su et al., 2021, eqs. (14), (15) and (34).
        https://arxiv.org/abs/2104.09864
    """

    def __init__(self, max_wavelength: float = 10_000.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_wavelength = max_wavelength

    def call(self, x: Tensor, start: Any = 0) -> Tensor:
        tokens, heads, width = ops.shape(x)[1], x.shape[2], x.shape[3]
        if width % 2:
            raise ValueError(
                "Rotary positions turn pairs of features. Received: "
                f"x.shape={tuple(x.shape)}"
            )
        exponents = ops.arange(0, width, 2, dtype="float32") / width
        frequencies = ops.power(float(self.max_wavelength), -exponents)
        positions = ops.cast(ops.arange(tokens) + start, "float32")
        angles = (positions[:, None] * frequencies)[None, :, None, :]
        cos = ops.cast(ops.cos(angles), x.dtype)
        sin = ops.cast(ops.sin(angles), x.dtype)
        even, odd = x[..., 0::2], x[..., 1::2]
        turned = ops.stack(
            [even * cos - odd * sin, even * sin + odd * cos], axis=-1
        )
        return ops.reshape(turned, (-1, tokens, heads, width))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "max_wavelength": self.max_wavelength}
