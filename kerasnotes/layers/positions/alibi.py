"""Positions as a penalty of distance."""

import math
from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor


def alibi_slopes(num_heads: int) -> list[float]:
    """Returns the slope of each head, `2^(-8 n / N)`, n = 1 ... N.

    Where `N` is no power of two: those of the next smaller one, and then
    every other of twice as many, as the authors' code does.
    """
    whole = 1 << int(math.log2(num_heads))
    slopes = [2.0 ** (-8.0 * n / whole) for n in range(1, whole + 1)]
    between = [2.0 ** (-4.0 * n / whole) for n in range(1, 2 * whole + 1, 2)]
    return slopes + between[: num_heads - whole]


@keras.saving.register_keras_serializable("kerasnotes")
class ALiBi(keras.layers.Layer):
    """Takes from every score a multiple of the distance: `-m_n |i - j|`.

    The paper's decoder sees `j <= i` alone; with `|i - j|` it is the same
    there, and holds for encoders, too.

    Args:
        num_heads: `N`; each has a slope `m_n` of its own.

    Call arguments:
        query: Tensor `(B, T, ...)`; its length alone counts.
        key: Tensor `(B, S, ...)`, likewise.
        start: Position of the first query, whole number or scalar tensor;
            that of the first key is 0.

    Returns:
        Bias of the scores, tensor `(N, T, S)`.

    Reference:
        Press et al., 2022, section 3. https://arxiv.org/abs/2108.12409
    """

    def __init__(self, num_heads: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.num_heads = num_heads

    def call(self, query: Tensor, key: Tensor, start: Any = 0) -> Tensor:
        i = ops.arange(ops.shape(query)[1]) + start
        j = ops.arange(ops.shape(key)[1])
        distance = ops.cast(
            ops.abs(i[:, None] - j[None, :]), self.compute_dtype
        )
        slopes = ops.convert_to_tensor(
            alibi_slopes(self.num_heads), dtype=self.compute_dtype
        )
        return -slopes[:, None, None] * distance

    def compute_output_shape(
        self, query_shape: Shape, key_shape: Shape
    ) -> Shape:
        return (self.num_heads, query_shape[1], key_shape[1])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_heads": self.num_heads}
