"""Residual blocks and stages, from standardized images to features.

    v1             x + norm(conv(relu(norm(conv(x))))), then relu
    preactivation  x + conv(relu(norm(conv(relu(norm(x))))))

A bottleneck has three convolutions, 1x1, 3x3 and 1x1, the last four times as
wide. Stages after the first halve the sides and double the filters.

Reference:
    He et al., 2016a, table 1, figures 3 and 5, sections 3.3 and 4.2.
    https://arxiv.org/abs/1512.03385
    He et al., 2016b (preactivation), figure 4e.
    https://arxiv.org/abs/1603.05027
    Goyal et al., 2017 (the last scale starts at 0), section 5.1.
    https://arxiv.org/abs/1706.02677
"""

from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.layers.batch_norm import BatchNorm
from kerasnotes.notes.resnet.config import ResNetConfig

EXPANSION = 4
"""A bottleneck's outputs over its filters."""


def _conv(
    x: Tensor, filters: int, kernel_size: int, strides: int, name: str
) -> Tensor:
    """Returns a convolution padded alike on both sides, as the authors' is."""
    padding = "same"
    if strides > 1:
        # Keras' `same` pads the end alone where sides are even.
        padding = "valid"
        if kernel_size > 1:
            x = layers.ZeroPadding2D(kernel_size // 2, name=f"{name}_pad")(x)
    return layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        padding=padding,
        # A bias before a normalization has a gradient of rounding noise.
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)


def _norm(x: Tensor, name: str, *, zero: bool = False) -> Tensor:
    return BatchNorm(
        momentum=0.9,
        epsilon=1e-5,
        gamma_initializer="zeros" if zero else "ones",
        name=name,
    )(x)


def _relu(x: Tensor, name: str) -> Tensor:
    return layers.Activation("relu", name=name)(x)


def _plan(
    config: ResNetConfig, filters: int, strides: int
) -> list[tuple[int, int, int]]:
    """Returns (filters, kernel, stride) of a block's convolutions."""
    if not config.bottleneck:
        return [(filters, 3, strides), (filters, 3, 1)]
    first, second = (strides, 1) if config.variant == "v1" else (1, strides)
    return [
        (filters, 1, first),
        (filters, 3, second),
        (EXPANSION * filters, 1, 1),
    ]


def _shortcut(
    x: Tensor, config: ResNetConfig, filters: int, strides: int, name: str
) -> Tensor:
    """Returns `x` in the shape of the block's output."""
    if strides == 1 and x.shape[-1] == filters:
        return x
    if not config.pads_shortcut:
        return _conv(x, filters, 1, strides, f"{name}_shortcut")
    if strides > 1:
        # A window of one pixel: every second pixel, as it is.
        x = layers.AveragePooling2D(1, strides, name=f"{name}_shortcut")(x)
    zeros = layers.Rescaling(0.0, name=f"{name}_zeros")(x)
    times = filters // x.shape[-1] - 1
    return layers.Concatenate(name=f"{name}_padded")([x, *[zeros] * times])


def _block(
    x: Tensor, config: ResNetConfig, filters: int, strides: int, name: str
) -> Tensor:
    plan = _plan(config, filters, strides)
    out, shortcut = x, x
    if not config.plain:
        shortcut = _shortcut(x, config, plan[-1][0], strides, name)
        projected = shortcut is not x and not config.pads_shortcut
        if projected:
            shortcut = _norm(shortcut, f"{name}_shortcut_norm")
    for number, (units, size, stride) in enumerate(plan, start=1):
        out = _conv(out, units, size, stride, f"{name}_conv{number}")
        last = number == len(plan)
        zero = last and config.zero_gamma and not config.plain
        out = _norm(out, f"{name}_norm{number}", zero=zero)
        if not last:
            out = _relu(out, f"{name}_relu{number}")
    if not config.plain:
        out = layers.Add(name=f"{name}_add")([shortcut, out])
    return _relu(out, f"{name}_out")


def _preactivated(
    x: Tensor, config: ResNetConfig, filters: int, strides: int, name: str
) -> Tensor:
    plan = _plan(config, filters, strides)
    out = _relu(_norm(x, f"{name}_norm1"), f"{name}_relu1")
    # A projection sees what the block sees; the identity is left alone.
    same = strides == 1 and x.shape[-1] == plan[-1][0]
    source = x if same or config.pads_shortcut else out
    for number, (units, size, stride) in enumerate(plan, start=1):
        if number > 1:
            out = _norm(out, f"{name}_norm{number}")
            out = _relu(out, f"{name}_relu{number}")
        out = _conv(out, units, size, stride, f"{name}_conv{number}")
    if config.plain:
        return out
    shortcut = _shortcut(source, config, plan[-1][0], strides, name)
    return layers.Add(name=f"{name}_out")([shortcut, out])


def _stem(x: Tensor, config: ResNetConfig) -> Tensor:
    reduces = config.reduces(min(x.shape[1:3]))
    size, strides = (7, 2) if reduces else (3, 1)
    x = _conv(x, config.filters, size, strides, "stem")
    if config.variant != "preactivation":
        x = _relu(_norm(x, "stem_norm"), "stem_relu")
    if reduces:
        # Zeros lose against what follows a ReLU, and are one pixel of many.
        x = layers.ZeroPadding2D(1, name="stem_pool_pad")(x)
        x = layers.MaxPooling2D(3, 2, name="stem_pool")(x)
    return x


def features(x: Tensor, config: ResNetConfig) -> Tensor:
    """Returns the averages of the last stage's maps.

    Args:
        x: Tensor `(B, H, W, C)`, standardized.
        config: Depth, width and variants.

    Returns:
        Tensor `(B, D)`.
    """
    preactivated = config.variant == "preactivation"
    block = _preactivated if preactivated else _block
    x = _stem(x, config)
    filters = config.filters
    for stage, count in enumerate(config.blocks, start=1):
        for number in range(1, count + 1):
            strides = 2 if stage > 1 and number == 1 else 1
            name = f"stage{stage}_block{number}"
            x = block(x, config, filters, strides, name)
        filters *= 2
    if preactivated:
        x = _relu(_norm(x, "last_norm"), "last_relu")
    return layers.GlobalAveragePooling2D(name="mean")(x)
