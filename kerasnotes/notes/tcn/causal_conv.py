"""A convolution in time that looks back only."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class CausalConv(keras.layers.Layer):
    """A dilated causal convolution, its kernel a length and a direction.

        y_t = b + sum_j x_{t - d (F - 1 - j)} W_j,   x = 0 before the series
        W = g V / ||V||,   the norm over all but the last axis

    Args:
        filters: Outputs.
        kernel_size: `F`.
        dilation: `d`, steps between two that are looked at.
        normalized: Whether `W` is made of `g` and `V`; else it is `V`.
        start: What the kernel of He et al., 2015, is multiplied by at first.

    Call arguments:
        x: Tensor `(B, T, D)`.

    Returns:
        Tensor `(B, T, filters)`.

    Reference:
        van den Oord et al., 2016, section 2.1 (dilated, causal).
        https://arxiv.org/abs/1609.03499
        Salimans & Kingma, 2016, eq. (2) (weight normalization).
        https://arxiv.org/abs/1602.07868
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        dilation: int = 1,
        normalized: bool = True,
        start: float = 1.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters, self.kernel_size = filters, kernel_size
        self.dilation, self.normalized = dilation, normalized
        self.start = start

    def build(self, input_shape: Shape) -> None:
        self.direction = self.add_weight(
            shape=(self.kernel_size, input_shape[-1], self.filters),
            initializer="he_normal",
            name="direction",
        )
        self.bias = self.add_weight(
            shape=(self.filters,), initializer="zeros", name="bias"
        )
        if self.normalized:
            self.length = self.add_weight(
                shape=(self.filters,), initializer="ones", name="length"
            )
            self.length.assign(self.start * _norm(self.direction))
        elif self.start != 1:
            self.direction.assign(self.start * self.direction)

    @property
    def kernel(self) -> Tensor:
        """The kernel `(F, D, filters)` that is convolved with."""
        if not self.normalized:
            return ops.convert_to_tensor(self.direction)
        return self.direction * (self.length / _norm(self.direction))

    @property
    def reach(self) -> int:
        """Steps before its own that an output looks at."""
        return (self.kernel_size - 1) * self.dilation

    def call(self, x: Tensor) -> Tensor:
        padded = ops.pad(x, [[0, 0], [self.reach, 0], [0, 0]])
        kernel = ops.cast(self.kernel, x.dtype)
        y = ops.conv(
            padded,
            kernel,
            strides=1,
            padding="valid",
            dilation_rate=self.dilation,
        )
        return y + ops.cast(self.bias, x.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "dilation": self.dilation,
            "normalized": self.normalized,
            "start": self.start,
        }


def _norm(direction: Any) -> Tensor:
    """Returns the length of each output's kernel, `(filters,)`."""
    squares = ops.sum(ops.square(direction), axis=(0, 1))
    return ops.sqrt(squares + 1e-12)
