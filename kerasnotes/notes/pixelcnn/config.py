"""Configuration of the gated PixelCNN."""

from typing import Any

import pydantic

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.autoregressive import (
    AutoregressiveConfig,
    usual_training,
)
from kerasnotes.data.spec import Spec


class PixelCNNConfig(AutoregressiveConfig):
    """Sizes of the gated PixelCNN."""

    filters: int = pydantic.Field(
        32, ge=1, le=4096, description="features of either stack"
    )
    layers: int = pydantic.Field(
        5, ge=1, le=100, description="gated layers after the first"
    )
    kernel_size: int = pydantic.Field(
        3, ge=3, le=31, description="of the gated layers; odd"
    )
    first_kernel: int = pydantic.Field(
        7, ge=3, le=31, description="of the first layer; odd"
    )
    hidden: int = pydantic.Field(
        64, ge=1, le=8192, description="features of the last hidden layer"
    )

    @pydantic.field_validator("kernel_size", "first_kernel")
    @classmethod
    def _check_odd(cls, value: int) -> int:
        if value % 2 == 0:
            raise ValueError("a kernel with a centre is odd")
        return value

    def check(self, note: str, spec: Spec) -> None:
        super().check(note, spec)
        if spec.input.shape[-1] != 1:
            raise UsageError(
                f"A {note} draws grey images.",
                expected="one channel",
                received=f"{spec.name}: {spec.input.shape[-1]} channels",
                hint="save the images in grey; `made` takes colours",
            )

    def receptive_field(self) -> int:
        """Returns how many rows above, and columns aside, a pixel sees."""
        return self.first_kernel // 2 + self.layers * (self.kernel_size // 2)

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        return {**usual_training(2e-3, examples), "batch_size": 32}
