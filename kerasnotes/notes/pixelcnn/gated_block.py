"""One layer of a gated PixelCNN: two stacks, a gate each."""

from typing import Any

import keras
from keras import layers, ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.notes.pixelcnn.masked_conv import MaskedConv

Pair = tuple[Tensor, Tensor]


@keras.saving.register_keras_serializable("kerasnotes")
class GatedBlock(keras.layers.Layer):
    """Takes the vertical and the horizontal stack one layer further.

        a = W_v * v + V_v y,              v <- v + tanh(a_1) sigmoid(a_2)
        b = W_h * h + W_a a + V_h y,      h <- h + W_o tanh(b_1) sigmoid(b_2)

    `v` at a pixel knows the rows above it, `h` also those left of it. The
    vertical stack feeds the horizontal one, never the other way round, so
    no pixel above is hidden from it: there is no blind spot.

    Args:
        filters: Features of either stack.
        kernel_size: Odd; of `W_v`, and the width of `W_h`.
        classes: That it is told of; 0 for none.

    Call arguments:
        inputs: `v` and `h`, Tensors `(B, H, W, filters)`, and, if it is told
            of classes, their numbers, integer Tensor `(B,)`.

    Returns:
        New `v` and `h`.

    Reference:
        van den Oord et al., 2016, Conditional image generation with PixelCNN
        decoders, eq. (2), (4), figure 2. https://arxiv.org/abs/1606.05328
    """

    def __init__(
        self, filters: int, kernel_size: int, classes: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.filters, self.kernel_size = filters, kernel_size
        self.classes = classes
        both, size = 2 * filters, kernel_size
        # Names, not counted ones: states find averages by them.
        dtype = self.dtype_policy
        self.vertical = MaskedConv(
            both, (size, size), "B", dtype=dtype, name="vertical"
        )
        self.horizontal = MaskedConv(
            both, (1, size), "B", dtype=dtype, name="horizontal"
        )
        self.across = layers.Dense(
            both, use_bias=False, dtype=dtype, name="across"
        )
        self.out = layers.Dense(filters, dtype=dtype, name="out")
        self.told: Any = None
        if classes:
            self.told = layers.Embedding(
                classes, 2 * both, dtype=dtype, name="told"
            )

    def build(self, inputs_shape: list[Shape]) -> None:
        features = inputs_shape[0]
        wide = (*features[:-1], 2 * self.filters)
        self.vertical.build(features)
        self.horizontal.build(features)
        self.across.build(wide)
        self.out.build(features)
        if self.told is not None:
            self.told.build((None,))

    def call(self, inputs: list[Tensor]) -> Pair:
        v, h = inputs[:2]
        a, b = self.vertical(v), self.horizontal(h)
        if self.told is not None:
            to_a, to_b = self.class_terms(inputs[2])
            a, b = a + to_a, b + to_b
        b = b + self.across(a)
        return v + gate(a), h + self.out(gate(b))

    def class_terms(self, labels: Tensor) -> Pair:
        """Returns `V_v y` and `V_h y`, `(B, 1, 1, 2 filters)`."""
        told = self.told(labels)[:, None, None, :]
        to_a, to_b = ops.split(told, 2, axis=-1)
        return to_a, to_b

    def compute_output_shape(
        self, inputs_shape: list[Shape]
    ) -> tuple[Shape, Shape]:
        return inputs_shape[0], inputs_shape[1]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "classes": self.classes,
        }


def gate(x: Tensor) -> Tensor:
    """Returns `tanh(x_1) sigmoid(x_2)` of the halves of the last axis."""
    one, other = ops.split(x, 2, axis=-1)
    return ops.tanh(one) * ops.sigmoid(other)
