"""The graph of the U-Net between its first and its last layer."""

from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.layers.batch_norm import BatchNorm
from kerasnotes.layers.dropout import dropout
from kerasnotes.notes.unet.center_crop import CenterCrop
from kerasnotes.notes.unet.config import UNetConfig


def _normalize(x: Tensor, kind: str, name: str) -> Tensor:
    if kind == "batch":
        # Keras' momentum of 0.99 is too slow for runs of a few 100 steps.
        return BatchNorm(momentum=0.9, epsilon=1e-5, name=f"{name}_norm")(x)
    if kind == "group":
        groups = next(g for g in (8, 4, 2, 1) if x.shape[-1] % g == 0)
        return layers.GroupNormalization(
            groups=groups, epsilon=1e-5, name=f"{name}_norm"
        )(x)
    return x


def _double_conv(
    x: Tensor, filters: int, config: UNetConfig, name: str
) -> Tensor:
    for number in (1, 2):
        # A bias before a normalization has a gradient of rounding noise.
        x = layers.Conv2D(
            filters,
            3,
            padding=config.padding,
            use_bias=config.normalization == "none",
            kernel_initializer="he_normal",
            name=f"{name}_conv{number}",
        )(x)
        x = _normalize(x, config.normalization, f"{name}_{number}")
        x = layers.Activation("relu", name=f"{name}_relu{number}")(x)
    return x


def _up(x: Tensor, filters: int, config: UNetConfig, name: str) -> Tensor:
    if config.upsampling == "transposed":
        return layers.Conv2DTranspose(
            filters, 2, strides=2, padding="same", name=f"{name}_up"
        )(x)
    x = layers.UpSampling2D(2, interpolation="bilinear", name=f"{name}_up")(x)
    return layers.Conv2D(filters, 2, padding="same", name=f"{name}_up_conv")(x)


def build(x: Tensor, config: UNetConfig) -> Tensor:
    """Returns the features of every pixel.

    Args:
        x: Tensor `(B, H, W, C)`, standardized.
        config: The sizes and variants.

    Returns:
        Tensor `(B, H', W', width)`; `H'` and `W'` are `H` and `W` with
        padding `same`.
    """
    skips = []
    for level in range(config.depth):
        # (B, H / 2^level, W / 2^level, width * 2^level)
        x = _double_conv(x, config.width * 2**level, config, f"down{level}")
        if level == config.depth - 1 and config.dropout:
            x = dropout(config.dropout, "down_dropout")(x)
        skips.append(x)
        # 'same' keeps the last odd row: ceil(H / 2); valid sizes are even.
        x = layers.MaxPooling2D(2, padding="same", name=f"pool{level}")(x)
    x = _double_conv(x, config.width * 2**config.depth, config, "bottom")
    if config.dropout:
        x = dropout(config.dropout, "bottom_dropout")(x)
    for level in reversed(range(config.depth)):
        filters = config.width * 2**level
        x, skip = _up(x, filters, config, f"up{level}"), skips[level]
        if config.padding == "same":
            x = CenterCrop(name=f"up{level}_crop")(x, skip)
        else:
            skip = CenterCrop(name=f"up{level}_crop")(skip, x)
        x = layers.Concatenate(name=f"up{level}_concat")([skip, x])
        x = _double_conv(x, filters, config, f"up{level}")
    return x


def context_of(config: UNetConfig) -> int:
    """Returns how many pixels away an input may still change an output.

    Half of what unpadded convolutions lose (92 at depth 4), and the place
    of a pixel inside the cell of `2**depth` pixels that it is pooled into.
    Bilinear up-sampling and the 2x2 convolution after it look further.
    """
    unit: int = 2**config.depth
    reach = 6 * unit - 4 + (unit - 1)
    if config.upsampling == "resize":
        reach += 2 * (unit - 1)
    return reach
