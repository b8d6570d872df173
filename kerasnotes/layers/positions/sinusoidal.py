"""Positions as sines and cosines of many wavelengths."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor


def sinusoidal(
    positions: Tensor, width: int, max_wavelength: float = 10_000.0
) -> Tensor:
    """Returns the encoding of whole numbers, counted from 0.

        PE(t, 2i)     = sin(t / 10000^(2i / D))
        PE(t, 2i + 1) = cos(t / 10000^(2i / D))

    Args:
        positions: Tensor `(T,)`.
        width: `D`; of an odd one the last cosine is left out.
        max_wavelength: In place of 10000; wavelengths grow from `2 pi` to
            nearly `2 pi` times this.

    Returns:
        Tensor `(T, D)`, float32.

    Reference:
        Vaswani et al., 2017, section 3.5. https://arxiv.org/abs/1706.03762
    """
    pairs = (width + 1) // 2
    exponents = ops.arange(pairs, dtype="float32") * (2.0 / width)
    frequencies = ops.power(float(max_wavelength), -exponents)
    angles = ops.cast(positions, "float32")[:, None] * frequencies
    both = ops.stack([ops.sin(angles), ops.cos(angles)], axis=-1)
    return ops.reshape(both, (-1, 2 * pairs))[:, :width]


@keras.saving.register_keras_serializable("kerasnotes")
class Sinusoidal(keras.layers.Layer):
    """Adds sines and cosines of the positions: no weights, any length.

    Args:
        max_wavelength: See `sinusoidal`.

    Call arguments:
        x: Tensor `(B, T, D)`.
        start: Position of the first token, whole number or scalar tensor.

    Returns:
        Tensor `(B, T, D)`.
    """

    def __init__(self, max_wavelength: float = 10_000.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_wavelength = max_wavelength

    def call(self, x: Tensor, start: Any = 0) -> Tensor:
        positions = ops.arange(ops.shape(x)[1]) + start
        encoding = sinusoidal(positions, x.shape[-1], self.max_wavelength)
        return x + ops.cast(encoding, x.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "max_wavelength": self.max_wavelength}
