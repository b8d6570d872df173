"""Two stacks of masked convolutions, and a distribution for every pixel."""

from typing import Any

import keras
from keras import layers

from kerasnotes.base.types import Shape
from kerasnotes.notes.pixelcnn.config import PixelCNNConfig
from kerasnotes.notes.pixelcnn.gated_block import GatedBlock
from kerasnotes.notes.pixelcnn.masked_conv import MaskedConv


def build_network(
    config: PixelCNNConfig, shape: Shape, *, outputs: int, classes: int
) -> Any:
    """Returns the network, pixels to logits.

    Args:
        config: The sizes.
        shape: `(H, W, 1)`.
        outputs: Logits of a pixel.
        classes: That it is told of; 0 for none.

    Returns:
        From `x`, `(B, H, W, 1)` in `[-1, 1]`, and `label`, `(B,)`, if there
        are classes, to `logits`, `(B, H, W, 1, outputs)`, float32.
    """
    size, filters = config.first_kernel, config.filters
    x = keras.Input(shape, name="x")
    told = []
    if classes:
        told = [keras.Input((), dtype="int32", name="label")]
    v = MaskedConv(filters, (size, size), "A", name="first_vertical")(x)
    h = MaskedConv(filters, (1, size), "A", name="first_horizontal")(x)
    h = layers.Add(name="first")([h, v])
    for number in range(1, config.layers + 1):
        block = GatedBlock(
            filters, config.kernel_size, classes, name=f"gated{number}"
        )
        v, h = block([v, h, *told])
    h = layers.Activation("relu", name="last_relu")(h)
    h = layers.Dense(config.hidden, "relu", name="hidden")(h)
    h = layers.Dense(outputs, dtype="float32", name="logit")(h)
    logits = layers.Reshape((*shape, outputs), dtype="float32", name="logits")(
        h
    )
    return keras.Model([x, *told] if told else x, logits, name="pixels")
