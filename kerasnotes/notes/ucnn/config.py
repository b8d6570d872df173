"""How many filters, how long, and the dense layers behind them."""

from typing import Any, Literal

import pydantic

from kerasnotes.contracts.config import ScaledConfig, batch_size_for
from kerasnotes.contracts.fitting import check_images
from kerasnotes.data.spec import Spec


class UCNNConfig(ScaledConfig):
    """Sizes and variants of the unidirectional convolutional network."""

    axes: Literal["rows-first", "columns-first", "rows-only"] = pydantic.Field(
        "rows-first",
        description="which axis is folded first: down the rows (frequencies) "
        "or across the columns (places); rows-only leaves the other to the "
        "dense layers",
    )
    filters: int = pydantic.Field(
        24,
        ge=1,
        le=4_096,
        description="of the first convolution; doubled by each that halves "
        "the axis, up to four times as many",
    )
    kernel_size: int = pydantic.Field(
        5, ge=1, le=255, description="along the axis, of halving convolutions"
    )
    whole: int = pydantic.Field(
        16,
        ge=1,
        le=4_096,
        description="length up to which one kernel takes the whole axis; "
        "longer ones are halved until then",
    )
    units: int = pydantic.Field(
        128,
        ge=1,
        le=65_536,
        description="of a dense layer, and of the second axis; half as many "
        "of the first",
    )
    depth: int = pydantic.Field(
        4, ge=0, le=64, description="dense layers; residual after the first"
    )
    activation: Literal["gelu", "relu", "silu", "tanh", "elu"] = pydantic.Field(
        "gelu", description="after each hidden layer"
    )
    dropout: float = pydantic.Field(
        0.0, ge=0, lt=1, description="rate before the last layer"
    )

    def model_defaults(self, spec: Spec) -> dict[str, Any]:
        check_images(spec, "ucnn")
        return {}

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        return {
            "batch_size": batch_size_for(examples, 32),
            "epochs": 15 if examples >= 2_000 else 60,
            "learning_rate": 2e-3,
        }
