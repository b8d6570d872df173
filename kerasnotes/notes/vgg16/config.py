"""Stages of 3x3 convolutions, and the dense layers behind them."""

from typing import Any, Literal

import pydantic

from kerasnotes.contracts.config import ScaledConfig, batch_size_for
from kerasnotes.contracts.fitting import check_images
from kerasnotes.data.spec import Spec

Count = pydantic.conint(ge=1, le=16)
Filters = pydantic.conint(ge=1, le=4_096)
Units = pydantic.conint(ge=1, le=65_536)
SMALL = 64
"""Below this side, pixels, the network is the small one by default."""


class VGG16Config(ScaledConfig):
    """Sizes and variants of VGG."""

    blocks: tuple[Count, ...] = pydantic.Field(  # type: ignore[valid-type]
        (2, 2, 3, 3, 3),
        min_length=1,
        description="convolutions of each stage; of images below 64 pixels "
        "2, 2, 3",
    )
    filters: tuple[Filters, ...] = pydantic.Field(  # type: ignore[valid-type]
        (64, 128, 256, 512, 512),
        min_length=1,
        description="of each stage; of images below 64 pixels 32, 64, 128",
    )
    dense: tuple[Units, ...] = pydantic.Field(  # type: ignore[valid-type]
        (4096, 4096),
        description="units of the layers before the last; of images below 64 "
        "pixels 256",
    )
    normalization: Literal["batch", "none"] = pydantic.Field(
        "none",
        description="before each activation; of images below 64 pixels batch",
    )
    dropout: float = pydantic.Field(
        0.5, ge=0, lt=1, description="rate after each dense layer"
    )

    @pydantic.model_validator(mode="after")
    def _check(self) -> "VGG16Config":
        if len(self.blocks) != len(self.filters):
            raise ValueError(
                f"Every stage has `blocks` and `filters`: {self.blocks} and "
                f"{self.filters} are not as many."
            )
        return self

    @property
    def least(self) -> int:
        """Shortest side of an image: each stage halves it."""
        return int(2 ** len(self.blocks))

    def model_defaults(self, spec: Spec) -> dict[str, Any]:
        check_images(spec, "vgg16")
        sides = [side for side in spec.input.shape[:2] if side is not None]
        if min(sides) >= SMALL:
            return {}
        small = {
            "blocks": (2, 2, 3),
            "filters": (32, 64, 128),
            "dense": (256,),
            "normalization": "batch",
        }
        if {"blocks", "filters"} & self.model_fields_set:
            # Stages that are told are told whole.
            del small["blocks"], small["filters"]
        return small

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        return {
            "batch_size": batch_size_for(examples),
            "epochs": 15 if examples >= 10_000 else 40,
            "learning_rate": 2e-3 if self.normalization == "batch" else 3e-4,
        }
