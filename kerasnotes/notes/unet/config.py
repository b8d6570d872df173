"""Configuration of the U-Net."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import pydantic

from kerasnotes.contracts.capabilities import WeighsPixels
from kerasnotes.contracts.config import NoteConfig
from kerasnotes.data.spec import Spec

PIXELS_A_BATCH = 2**17
STEPS = 1000


class UNetConfig(NoteConfig):
    """Sizes and variants of the U-Net."""

    width: int = pydantic.Field(
        16, ge=1, le=512, description="filters of the first level"
    )
    depth: int = pydantic.Field(4, ge=1, le=7, description="number of poolings")
    normalization: Literal["batch", "group", "none"] = pydantic.Field(
        "batch", description="after each 3x3 convolution"
    )
    dropout: float = pydantic.Field(
        0.0, ge=0, lt=1, description="rate at the two lowest levels"
    )
    upsampling: Literal["transposed", "resize"] = pydantic.Field(
        "transposed", description="transposed or bilinear + 2x2 convolution"
    )
    padding: Literal["same", "valid"] = pydantic.Field(
        "same", description="valid: the paper's, on a mirrored image"
    )
    border_weight: float = pydantic.Field(
        0.0, ge=0, le=1000, description="w0 of eq. (2); 10 in the paper"
    )
    border_sigma: float = pydantic.Field(
        5.0, gt=0, le=1000, description="sigma of eq. (2), pixels"
    )

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        height, width = (size or 128 for size in spec.input.shape[:2])
        batch_size = 1
        while batch_size < 16 and (
            2 * batch_size * height * width <= PIXELS_A_BATCH
        ):
            batch_size *= 2
        steps_per_epoch = max(1, examples // batch_size)
        return {
            "batch_size": batch_size,
            "epochs": max(5, -(-STEPS // steps_per_epoch)),
            "learning_rate": 3e-3,
        }

    def pixel_weight(self) -> Callable[[Any], Any] | None:
        """Returns the function from a mask to its border weight map."""
        if not self.border_weight:
            return None
        # Here: SciPy takes longer to import than the fields to read.
        from kerasnotes.notes.unet.border_weight import border_weight_map

        return functools.partial(
            border_weight_map, w0=self.border_weight, sigma=self.border_sigma
        )


if TYPE_CHECKING:
    _: type[WeighsPixels] = UNetConfig
