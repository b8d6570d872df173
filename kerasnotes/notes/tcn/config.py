"""Configuration of the temporal convolutional network."""

import math
from typing import Any

import pydantic

from kerasnotes.contracts.sequence import SequenceConfig, usual_training
from kerasnotes.data.spec import Spec


class TCNConfig(SequenceConfig):
    """Sizes of the temporal convolutional network."""

    filters: int = pydantic.Field(
        32, ge=1, le=8_192, description="of every convolution"
    )
    kernel_size: int = pydantic.Field(
        3, ge=2, le=512, description="steps that a convolution looks at"
    )
    levels: int | None = pydantic.Field(
        None,
        ge=1,
        le=20,
        description="residual blocks, of dilation 1, 2, 4 ...; null: as many "
        "as see the whole series",
    )
    dropout: float = pydantic.Field(
        0.1, ge=0, lt=1, description="rate after each convolution"
    )
    weight_normalization: bool = pydantic.Field(
        True, description="whether kernels are a length and a direction"
    )

    def depth(self, spec: Spec) -> int:
        """Returns the number of residual blocks for these series."""
        if self.levels is not None:
            return self.levels
        steps = int(spec.input.shape[0] or 1)
        blocks = 1 + (steps - 1) / (2 * (self.kernel_size - 1))
        return max(1, math.ceil(math.log2(blocks)))

    def receptive_field(self, spec: Spec) -> int:
        """Returns how many steps an output depends on, itself included.

        1 + 2 (F - 1) (2^L - 1)
        """
        return 1 + 2 * (self.kernel_size - 1) * ((1 << self.depth(spec)) - 1)

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        return usual_training(spec, examples)
