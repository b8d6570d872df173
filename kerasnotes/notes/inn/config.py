"""Configuration of the interval network."""

from typing import Any, ClassVar, Literal

import pydantic

from kerasnotes.contracts.config import ScaledConfig, batch_size_for
from kerasnotes.data.spec import Spec

Width = pydantic.conint(ge=1, le=65_536)


class INNConfig(ScaledConfig):
    """Sizes of an interval network, and how wide its intervals are to be."""

    takes_categories = True
    begins_with: ClassVar[tuple[str, ...]] = ("mlp",)

    mode: Literal["uncertainty", "loads"] = pydantic.Field(
        "uncertainty",
        description="offsets around a frozen network (Oala et al., 2020), or "
        "all weights intervals from the start, for their coverage and width "
        "(Cao et al., 2024)",
    )
    widths: tuple[Width, ...] = pydantic.Field(  # type: ignore[valid-type]
        (64, 64), description="units of each hidden layer"
    )
    activation: Literal[
        "relu",
        "leaky_relu",
        "elu",
        "selu",
        "softplus",
        "sigmoid",
        "tanh",
        "linear",
    ] = pydantic.Field(
        "relu", description="after each hidden layer; one that never falls"
    )
    normalization: Literal["batch", "none"] = pydantic.Field(
        "none", description="before each activation"
    )
    linear_path: bool = pydantic.Field(
        False, description="whether a linear map of the inputs is added"
    )
    hidden_categories: float = pydantic.Field(
        0.02,
        ge=0,
        lt=1,
        description="part of a table's categories hidden in training, so that "
        "an unknown one has an answer",
    )
    interval_layers: int | None = pydantic.Field(
        None,
        ge=1,
        description="layers, from the last, whose weights are intervals; "
        "null: all",
    )
    beta: float = pydantic.Field(
        0.01,
        gt=0,
        le=100,
        description="of mode=uncertainty: price of an interval's width, in "
        "deviations; half of it is what truths lie above, and below, on "
        "average",
    )
    coverage: float = pydantic.Field(
        0.95,
        gt=0,
        lt=1,
        description="part of the truths that intervals are to hold: one shift "
        "of all ends, found on the validation part",
    )

    @pydantic.model_validator(mode="after")
    def _check(self) -> "INNConfig":
        layers = len(self.widths) + 1
        if self.interval_layers is not None and self.interval_layers > layers:
            raise ValueError(
                f"`interval_layers={self.interval_layers}` of {layers} layers: "
                f"1 to {layers}."
            )
        if self.mode == "loads" and self.interval_layers is not None:
            raise ValueError(
                "`interval_layers` is for mode=uncertainty: all weights of "
                "mode=loads are intervals."
            )
        return self

    @property
    def solvers(self) -> tuple[str, ...]:
        """Differential evolution moves middles and reaches of all weights.

        Not of a batch normalization, whose statistics come of steps.
        """
        plain = self.mode == "loads" and self.normalization == "none"
        return ("evolution",) if plain else ()

    @property
    def trains_values(self) -> bool:
        """Whether ends move the weights between them too."""
        return self.mode == "loads"

    @property
    def plain_layers(self) -> int:
        """Layers, from the first, whose weights are points."""
        layers = len(self.widths) + 1
        return layers - (self.interval_layers or layers)

    def model_defaults(self, spec: Spec) -> dict[str, Any]:
        # Loads of a structure are all but linear in its strains.
        return {"linear_path": True} if self.mode == "loads" else {}

    def solver_defaults(self, examples: int) -> dict[str, Any]:
        return {"epochs": 20}

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        return {
            "batch_size": batch_size_for(examples),
            "epochs": 60 if self.trains_values else 100,
            "learning_rate": 3e-3 if self.trains_values else 5e-3,
            # It would widen intervals: offsets of 0 are weights far below.
            "weight_decay": 0.0,
        }
