"""EfficientNet-Lite: inverted bottlenecks in seven stages.

A block widens its features by a 1x1 convolution, filters each channel alone,
and narrows them by another, without an activation; where shapes allow, its
input is added. Against EfficientNet there is no squeeze and excitation, `relu6`
in place of swish, and a stem and an end of one size.

Reference:
    Tan & Le, 2019, table 1 and section 4. https://arxiv.org/abs/1905.11946
    https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/
    lite (what Lite leaves out)

Departs from it:
    - No block is left out at random while training (stochastic depth).
    - Normalizations follow their batches faster: a momentum of 0.9, not 0.99.
"""

import dataclasses
import math

from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.layers.batch_norm import BatchNorm
from kerasnotes.notes.backbone.bodies import Lite

STEM, END = 32, 1280
"""Filters of the first and the last convolution, of every size."""
DIVISOR = 8
"""Filters are a multiple of it."""


@dataclasses.dataclass(frozen=True)
class _Stage:
    blocks: int
    kernel_size: int
    strides: int
    expansion: int
    filters: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)
"""Of lite0 (Tan & Le, table 1)."""


def filters_of(number: int, width: float) -> int:
    """Returns a stage's filters: a multiple of 8, 90 % of it at least."""
    wanted = number * width
    near = max(DIVISOR, int(wanted + DIVISOR / 2) // DIVISOR * DIVISOR)
    return near if near >= 0.9 * wanted else near + DIVISOR


def blocks_of(stage: int, depth: float) -> int:
    """Returns how many blocks stage `stage`, from 1, has."""
    blocks = _STAGES[stage - 1].blocks
    # Lite scales neither its first stage nor its last.
    return blocks if stage in (1, len(_STAGES)) else math.ceil(blocks * depth)


def efficientnet_lite(x: Tensor, sizes: Lite, stages: int) -> Tensor:
    """Returns features, at 1/2 to 1/32 of the sides.

    Args:
        x: Images as it was trained on, `(B, H, W, 3)`.
        sizes: Width and depth.
        stages: How many of the seven are used; the last convolution only if
            all are.

    Returns:
        Tensor `(B, H', W', D)`.
    """
    x = _conv(x, STEM, 3, 2, "stem")
    for number, stage in enumerate(_STAGES[:stages], start=1):
        filters = filters_of(stage.filters, sizes.width)
        for block in range(1, blocks_of(number, sizes.depth) + 1):
            strides = stage.strides if block == 1 else 1
            one = dataclasses.replace(stage, filters=filters, strides=strides)
            x = _block(x, one, f"stage{number}_block{block}")
    return x if stages < len(_STAGES) else _conv(x, END, 1, 1, "end")


def _block(x: Tensor, stage: _Stage, name: str) -> Tensor:
    entered, channels = x, x.shape[-1]
    if stage.expansion != 1:
        x = _conv(x, channels * stage.expansion, 1, 1, f"{name}_expand")
    x = layers.DepthwiseConv2D(
        stage.kernel_size,
        strides=stage.strides,
        padding="same",
        use_bias=False,
        depthwise_initializer="he_normal",
        name=f"{name}_depthwise",
    )(x)
    x = _relu6(_norm(x, f"{name}_depthwise"), f"{name}_depthwise")
    x = _conv(x, stage.filters, 1, 1, f"{name}_project", active=False)
    if stage.strides == 1 and channels == stage.filters:
        x = layers.Add(name=f"{name}_add")([x, entered])
    return x


def _conv(
    x: Tensor,
    filters: int,
    kernel_size: int,
    strides: int,
    name: str,
    *,
    active: bool = True,
) -> Tensor:
    x = layers.Conv2D(
        filters,
        kernel_size,
        strides=strides,
        # The end is padded where sides are even, as it was in training.
        padding="same",
        # A bias before a normalization has a gradient of rounding noise.
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )(x)
    x = _norm(x, name)
    return _relu6(x, name) if active else x


def _norm(x: Tensor, name: str) -> Tensor:
    return BatchNorm(momentum=0.9, epsilon=1e-3, name=f"{name}_norm")(x)


def _relu6(x: Tensor, name: str) -> Tensor:
    return layers.Activation("relu6", name=f"{name}_relu6")(x)
