"""The layers of the temporal convolutional network.

    block  y = relu(x + F(x)),  F = twice (conv, relu, dropout)

with `x` through a 1 x 1 convolution where its width changes; block `i` has
dilation `2^i`.
"""

from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.layers.dropout import dropout
from kerasnotes.notes.tcn.causal_conv import CausalConv
from kerasnotes.notes.tcn.config import TCNConfig

SMALL = 0.1
"""What the second convolution of a block begins at, as part of He's kernel."""


def residual_block(
    x: Tensor, config: TCNConfig, dilation: int, name: str, start: float = 1.0
) -> Tensor:
    """Returns `relu(x + F(x))`, `(B, T, filters)`.

    Args:
        x: Tensor `(B, T, D)`.
        config: Filters, kernel and dropout.
        dilation: Of both convolutions.
        name: Begins the layers' names.
        start: Of the second convolution: see `CausalConv`.
    """
    y = x
    for number in (1, 2):
        y = CausalConv(
            config.filters,
            config.kernel_size,
            dilation,
            config.weight_normalization,
            start if number == 2 else 1.0,
            name=f"{name}_conv{number}",
        )(y)
        y = layers.Activation("relu", name=f"{name}_relu{number}")(y)
        if config.dropout:
            y = dropout(config.dropout, f"{name}_dropout{number}")(y)
    if x.shape[-1] != config.filters:
        x = layers.Dense(config.filters, name=f"{name}_shortcut")(x)
    y = layers.Add(name=f"{name}_add")([x, y])
    return layers.Activation("relu", name=f"{name}_relu")(y)


def features(
    x: Tensor, config: TCNConfig, depth: int, start: float = 1.0
) -> Tensor:
    """Returns what every step sees of its past, `(B, T, filters)`.

    Args:
        x: Standardized series `(B, T, D)`.
        config: Sizes.
        depth: Residual blocks.
        start: Of each block's second convolution. At 1 a block doubles the
            variance, so that of nine blocks logits are in the tens; at
            `SMALL` it begins near `relu(x)`.
    """
    for level in range(depth):
        name = f"block{level + 1}"
        x = residual_block(x, config, 2**level, name, start)
    return x
