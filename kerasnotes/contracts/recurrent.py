"""What the notes of recurrent layers have in common: their fields."""

from typing import Any, ClassVar, Literal

import pydantic

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.sequence import SequenceConfig, usual_training
from kerasnotes.data.fields import Kind
from kerasnotes.data.spec import Spec

Width = pydantic.conint(ge=1, le=8_192)


class RecurrentConfig(SequenceConfig):
    """Sizes and variants of recurrent networks."""

    takes: ClassVar[tuple[Kind, ...]] = ("series", "text", "tokens")

    widths: tuple[Width, ...] = pydantic.Field(  # type: ignore[valid-type]
        (128,), min_length=1, description="units of each recurrent layer"
    )
    bidirectional: bool = pydantic.Field(
        False,
        description="whether each layer reads the series backwards too; of a "
        "translation the encoder's",
    )
    dropout: float = pydantic.Field(
        0.2, ge=0, lt=1, description="rate after each recurrent layer"
    )
    recurrent_dropout: float = pydantic.Field(
        0.0,
        ge=0,
        lt=1,
        description="rate of the state on its way to the next step",
    )
    carried: bool = pydantic.Field(
        True,
        description="language: whether training reads the text in its order, "
        "the state carried on from window to window",
    )
    implementation: Literal["fused", "written"] = pydantic.Field(
        "fused",
        description="fused: the layers of Keras; written: cells as their "
        "equations read, the same numbers",
    )

    @pydantic.model_validator(mode="after")
    def _check_written(self) -> "RecurrentConfig":
        if self.implementation == "written" and self.recurrent_dropout:
            raise ValueError(
                "recurrent_dropout needs implementation=fused: the written "
                "cells are the equations alone."
            )
        return self

    def check_causal(self, spec: Spec) -> None:
        """Refuses a language read backwards: the answer would be seen.

        Raises:
            UsageError: If the layers read both ways.
        """
        if self.bidirectional and spec.target.kind == "next_token":
            raise UsageError(
                "Read backwards, a language tells the token that is asked for.",
                expected="model.bidirectional=false",
                received="model.bidirectional=true",
                hint="leave it out",
            )

    def model_defaults(self, spec: Spec) -> dict[str, Any]:
        if spec.target.kind != "sequence":
            return {}
        return {"bidirectional": True}

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        return usual_training(spec, examples)
