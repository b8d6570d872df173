"""The networks of diffusion models: a noisy example and a time go in.

    U-Net   residual blocks with group normalization, self-attention at the
            lowest levels; block by block that of `diffusers.UNet2DModel`,
            whose weights fit (tests/parity/test_diffusers_unet.py)
    MLP     residual blocks of dense layers, for tables and tiny images

What comes out has the shape of the example and is read by
`diffusion.parameterization`.

Reference:
    Ho, Jain & Abbeel, 2020, appendix B. https://arxiv.org/abs/2006.11239

Departs from it:
    - Attention has heads of a fixed size instead of one head.
    - No bias in a convolution that the time's dense layer shifts as well:
      the two would be one number twice.
"""

import dataclasses

import keras
from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.group_norm import GroupNorm
from kerasnotes.notes.ddpm.spatial_attention import SpatialAttention
from kerasnotes.notes.ddpm.time_embedding import TimeEmbedding
from kerasnotes.notes.ddpm.upsample_conv import UpsampleConv


@dataclasses.dataclass(frozen=True)
class Sizes:
    """Sizes of both networks.

    Args:
        widths: Channels of each level of the U-Net, units of each block of
            the MLP.
        time: Even number: size of the sinusoidal embedding of time; the
            dense layers behind it have four times as many units.
        blocks: Residual blocks of a level on the way down; one more on the
            way up.
        attention: Levels with self-attention, from 0, the finest.
        groups: Groups of channels that are normalized together.
        key_dim: Size of an attention head.
        dropout: Rate inside residual blocks.
        num_classes: Classes to tell apart, "no class" not counted; 0: none.
        known: Channels of what is known of the image, concatenated to the
            noisy one; 0: none.
    """

    widths: tuple[int, ...]
    time: int = 32
    blocks: int = 2
    attention: tuple[int, ...] = ()
    groups: int = 8
    key_dim: int = 8
    dropout: float = 0.0
    num_classes: int = 0
    known: int = 0


def build_unet(shape: tuple[int, int, int], sizes: Sizes) -> keras.Model:
    """Returns the U-Net `(x_t, t[, label][, known]) -> (B, H, W, C)`.

    Args:
        shape: Height, width and channels of the examples. Sides that cannot
            be halved often enough are padded with zeros inside.
        sizes: Of the network.

    Returns:
        A functional model with inputs `x`, `(B, H, W, C)`, `t`, `(B,)`,
        and, where there are any, `label`, `(B,)`, and `known`,
        `(B, H, W, known)`.
    """
    inputs, time = _inputs(shape, sizes)
    x = inputs[0]
    if sizes.known:
        x = layers.Concatenate(name="x_and_known")([x, inputs[-1]])
    x, crop = _pad(x, 2 ** (len(sizes.widths) - 1))
    x = _conv(sizes.widths[0], "stem")(x)
    skips = [x]
    last = len(sizes.widths) - 1
    for level, filters in enumerate(sizes.widths):
        for block in range(sizes.blocks):
            name = f"down{level}_{block}"
            x = _residual(x, time, filters, sizes, name)
            x = _attend(x, level, sizes, name)
            skips.append(x)
        if level < last:
            x = _halve(x, filters, f"down{level}_halve")
            skips.append(x)
    x = _residual(x, time, sizes.widths[-1], sizes, "middle_0")
    x = _attention(x, sizes, "middle")
    x = _residual(x, time, sizes.widths[-1], sizes, "middle_1")
    for level, filters in reversed(list(enumerate(sizes.widths))):
        for block in range(sizes.blocks + 1):
            name = f"up{level}_{block}"
            x = layers.Concatenate(name=f"{name}_skip")([x, skips.pop()])
            x = _residual(x, time, filters, sizes, name)
            x = _attend(x, level, sizes, name)
        if level:
            x = UpsampleConv(filters, name=f"up{level}_double")(x)
    x = GroupNorm(sizes.groups, swish=True, name="out_norm")(x)
    x = _conv(shape[2], "out", kernel_initializer="zeros")(x)
    if crop:
        x = layers.Cropping2D(crop, name="crop")(x)
    return keras.Model(inputs, _float32(x), name="denoiser")


def build_mlp(shape: tuple[int, ...], sizes: Sizes) -> keras.Model:
    """Returns the residual MLP `(x_t, t[, label][, known]) -> as x_t`.

    Args:
        shape: Of the examples, without the batch.
        sizes: Of the network.

    Returns:
        A functional model with the inputs of `build_unet`.
    """
    inputs, time = _inputs(shape, sizes)
    x = layers.Flatten(name="flatten")(inputs[0])
    if sizes.known:
        known = layers.Flatten(name="flatten_known")(inputs[-1])
        x = layers.Concatenate(name="x_and_known")([x, known])
    x = layers.Dense(sizes.widths[0], name="stem")(x)
    for number, units in enumerate(sizes.widths):
        x = _dense_block(x, time, units, sizes, f"block{number}")
    x = layers.LayerNormalization(epsilon=1e-5, name="out_norm")(x)
    size = 1
    for side in shape:
        size *= side
    x = layers.Dense(size, kernel_initializer="zeros", name="out")(x)
    x = layers.Reshape(shape, name="shape")(x)
    return keras.Model(inputs, _float32(x), name="denoiser")


def _inputs(
    shape: tuple[int, ...], sizes: Sizes
) -> tuple[list[Tensor], Tensor]:
    """Returns the inputs and the embedding of time and class, activated."""
    x = keras.Input(shape, name="x")
    t = keras.Input((), dtype="float32", name="t")
    inputs, units = [x, t], 4 * sizes.time
    time = TimeEmbedding(sizes.time, name="time")(t)
    time = layers.Dense(units, activation="silu", name="time_dense")(time)
    time = layers.Dense(units, name="time_out")(time)
    if sizes.num_classes:
        label = keras.Input((), dtype="int32", name="label")
        inputs.append(label)
        # The last row stands for "no class".
        table = layers.Embedding(sizes.num_classes + 1, units, name="classes")
        time = layers.Add(name="time_and_class")([time, table(label)])
    if sizes.known:
        inputs.append(keras.Input((*shape[:-1], sizes.known), name="known"))
    return inputs, layers.Activation("silu", name="time_swish")(time)


def _conv(filters: int, name: str, **options: object) -> layers.Layer:
    return layers.Conv2D(filters, 3, padding="same", name=name, **options)


def _residual(
    x: Tensor, time: Tensor, filters: int, sizes: Sizes, name: str
) -> Tensor:
    shift = layers.Dense(filters, name=f"{name}_time")(time)
    h = GroupNorm(sizes.groups, swish=True, name=f"{name}_norm0")(x)
    h = _conv(filters, f"{name}_conv0", use_bias=False)(h)
    h = GroupNorm(sizes.groups, swish=True, name=f"{name}_norm1")(h, shift)
    if sizes.dropout:
        h = dropout(sizes.dropout, f"{name}_dropout")(h)
    h = _conv(filters, f"{name}_conv1", kernel_initializer="zeros")(h)
    if x.shape[-1] != filters:
        # A 1x1 convolution; as a matrix product it takes half the time.
        x = layers.Dense(filters, name=f"{name}_shortcut")(x)
    return layers.Add(name=f"{name}_add")([x, h])


def _attend(x: Tensor, level: int, sizes: Sizes, name: str) -> Tensor:
    return _attention(x, sizes, name) if level in sizes.attention else x


def _attention(x: Tensor, sizes: Sizes, name: str) -> Tensor:
    h = GroupNorm(sizes.groups, name=f"{name}_attention_norm")(x)
    h = SpatialAttention(sizes.key_dim, name=f"{name}_attention")(h)
    return layers.Add(name=f"{name}_attention_add")([x, h])


def _halve(x: Tensor, filters: int, name: str) -> Tensor:
    # One row above and one column before: where PyTorch's padding of 1
    # puts the first of them; 'same' would put them at the other end.
    x = layers.ZeroPadding2D(((1, 0), (1, 0)), name=f"{name}_pad")(x)
    return layers.Conv2D(filters, 3, strides=2, name=name)(x)


def _pad(x: Tensor, unit: int) -> tuple[Tensor, list[tuple[int, int]]]:
    """Pads to sides that are multiples of `unit`; returns what to crop."""
    lacks = [-side % unit for side in x.shape[1:3]]
    if not any(lacks):
        return x, []
    edges = [(lack // 2, lack - lack // 2) for lack in lacks]
    return layers.ZeroPadding2D(edges, name="pad")(x), edges


def _dense_block(
    x: Tensor, time: Tensor, units: int, sizes: Sizes, name: str
) -> Tensor:
    h = layers.LayerNormalization(epsilon=1e-5, name=f"{name}_norm")(x)
    h = layers.Dense(units, use_bias=False, name=f"{name}_dense0")(h)
    shift = layers.Dense(units, name=f"{name}_time")(time)
    h = layers.Add(name=f"{name}_shift")([h, shift])
    h = layers.Activation("silu", name=f"{name}_swish")(h)
    if sizes.dropout:
        h = dropout(sizes.dropout, f"{name}_dropout")(h)
    h = layers.Dense(
        x.shape[-1], kernel_initializer="zeros", name=f"{name}_dense1"
    )(h)
    return layers.Add(name=f"{name}_add")([x, h])


def _float32(x: Tensor) -> Tensor:
    return layers.Activation("linear", dtype="float32", name="answer")(x)
