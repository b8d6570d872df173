"""Depth, kind of block and of shortcut, and how an image enters."""

from typing import Any, Literal

import pydantic

from kerasnotes.contracts.config import ScaledConfig, batch_size_for
from kerasnotes.contracts.fitting import check_images
from kerasnotes.data.spec import Spec

BLOCKS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
"""Blocks of each stage, of the networks for ImageNet (table 1)."""
BOTTLENECKS = 50
"""The depth from which their blocks are bottlenecks."""
WIDE, NARROW = 64, 16
"""Filters of the first stage: for ImageNet, and for CIFAR."""
SMALL = 64
"""Up to this side, pixels, an image enters without being reduced."""


class ResNetConfig(ScaledConfig):
    """Sizes and variants of the residual network."""

    depth: int = pydantic.Field(
        20,
        ge=8,
        le=1202,
        description="layers: 18, 34, 50, 101, 152 of ImageNet; 20, 32, 44, 56, "
        "110 and any other 6 n + 2 of CIFAR",
    )
    width: int | None = pydantic.Field(
        None,
        ge=1,
        le=1024,
        description="filters of the first stage; null: 64, or 16 of CIFAR's",
    )
    variant: Literal["v1", "v1.5", "preactivation"] = pydantic.Field(
        "v1",
        description="v1.5: bottlenecks take their stride in the 3x3; "
        "preactivation: normalize and activate before each convolution",
    )
    shortcut: Literal["A", "B"] | None = pydantic.Field(
        None,
        description="where shapes change: A, zeros for new filters; B, a 1x1 "
        "convolution; null: B, of CIFAR's A",
    )
    stem: Literal["imagenet", "small"] | None = pydantic.Field(
        None,
        description="imagenet: 7x7 of stride 2 and a pooling; small: 3x3; "
        "null: small of CIFAR's, and of images up to 64 pixels",
    )
    zero_gamma: bool = pydantic.Field(
        True,
        description="whether each block starts as the identity: the scale of "
        "its last normalization is 0; not of preactivation",
    )
    plain: bool = pydantic.Field(
        False, description="leave the shortcuts out, to see what they are for"
    )

    @pydantic.model_validator(mode="after")
    def _check(self) -> "ResNetConfig":
        if self.depth not in BLOCKS and (self.depth - 2) % 6:
            raise ValueError(
                f"There is no residual network of {self.depth} layers: "
                "18, 34, 50, 101, 152, or 6 n + 2, as 20, 32, 44, 56, 110."
            )
        return self

    @property
    def small_family(self) -> bool:
        """Whether it is one of the networks for CIFAR: three stages."""
        return self.depth not in BLOCKS

    @property
    def blocks(self) -> tuple[int, ...]:
        """Number of blocks in each stage."""
        return BLOCKS.get(self.depth, ((self.depth - 2) // 6,) * 3)

    @property
    def bottleneck(self) -> bool:
        return not self.small_family and self.depth >= BOTTLENECKS

    @property
    def filters(self) -> int:
        """Of the first stage; each further one has twice as many."""
        return self.width or (NARROW if self.small_family else WIDE)

    @property
    def pads_shortcut(self) -> bool:
        """Whether new filters are zeros (A)."""
        return (self.shortcut or ("A" if self.small_family else "B")) == "A"

    def reduces(self, side: int) -> bool:
        """Returns whether an image of this side enters at a quarter of it."""
        small = self.small_family or side <= SMALL
        return (self.stem or ("small" if small else "imagenet")) == "imagenet"

    def model_defaults(self, spec: Spec) -> dict[str, Any]:
        check_images(spec, "resnet")
        return {}

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        return {
            "batch_size": batch_size_for(examples),
            "epochs": 15 if examples >= 10_000 else 40,
            "learning_rate": 3e-3,
        }
