"""Configuration of the multilayer perceptron."""

from typing import Any, Literal

import pydantic

from kerasnotes.contracts.config import ScaledConfig, batch_size_for
from kerasnotes.data.spec import Spec

FEW = 160
"""Rows of a regression that leave too few beside them to choose an epoch by:
the network stays near the line that it starts at."""
Width = pydantic.conint(ge=1, le=65_536)


class MLPConfig(ScaledConfig):
    """Sizes and variants of the multilayer perceptron."""

    takes_categories = True
    takes = ("image", "table", "series")

    widths: tuple[Width, ...] = pydantic.Field(  # type: ignore[valid-type]
        (512, 512), description="units of each hidden layer"
    )
    activation: Literal[
        "relu", "gelu", "silu", "tanh", "sigmoid", "elu", "linear"
    ] = pydantic.Field("relu", description="after each hidden layer")
    dropout: float = pydantic.Field(
        0.3, ge=0, lt=1, description="rate after each hidden layer"
    )
    normalization: Literal["batch", "layer", "none"] = pydantic.Field(
        "batch", description="before each activation"
    )
    linear_path: bool = pydantic.Field(
        False,
        description="whether a linear map of the inputs is added to the "
        "answer, so that hidden layers learn what a line cannot say; true for "
        "measured values of a table",
    )
    hidden_categories: float = pydantic.Field(
        0.02,
        ge=0,
        lt=1,
        description="part of a table's categories hidden in training, so that "
        "an unknown one has an answer",
    )

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        rate = 2e-3
        measured = (spec.input.kind, spec.target.kind) == ("table", "values")
        if measured and examples < FEW:
            rate = 5e-4
        return {
            "batch_size": batch_size_for(examples),
            "epochs": 30,
            "learning_rate": rate,
        }

    def model_defaults(self, spec: Spec) -> dict[str, Any]:
        if spec.target.kind != "values":
            return {}
        # Noise of the batches' statistics costs a regression more than it
        # helps. Few rows of a table rarely say more than a line.
        table = spec.input.kind == "table"
        return {"normalization": "none", "linear_path": table}
