"""Configuration of the Transformer."""

from typing import Any, ClassVar, Literal

import pydantic

from kerasnotes.contracts.sequence import SequenceConfig, usual_training
from kerasnotes.data.fields import Kind
from kerasnotes.data.spec import Spec

LONG = 64
"""Rows of a window from which on several are one token."""
PATCH = 16
"""Rows of a token then."""


class TransformerConfig(SequenceConfig):
    """Sizes and variants of the Transformer."""

    takes: ClassVar[tuple[Kind, ...]] = ("series", "text", "tokens")

    network: Literal["encoder", "decoder", "encoder-decoder"] | None = (
        pydantic.Field(
            None,
            description="encoder: tokens see all others; decoder: those "
            "before them; encoder-decoder: learned queries ask what an "
            "encoder made; null: encoder, of a language decoder",
        )
    )
    width: int = pydantic.Field(
        64, ge=2, le=16_384, description="numbers that stand for a token"
    )
    depth: int = pydantic.Field(2, ge=1, le=96, description="blocks")
    heads: int = pydantic.Field(
        4, ge=1, le=256, description="of attention, each width / heads wide"
    )
    hidden: int | None = pydantic.Field(
        None,
        ge=1,
        le=65_536,
        description="units between two layers of a token's network; null: "
        "4 width",
    )
    norm: Literal["pre", "post"] = pydantic.Field(
        "pre", description="normalization before each part, or after its sum"
    )
    positions: Literal[
        "sinusoidal", "learned", "fourier", "rotary", "alibi", "none"
    ] = pydantic.Field(
        "sinusoidal",
        description="what tells where a token stands; rotary and alibi act "
        "within attention; fourier is NeRF's gamma(p)",
    )
    activation: Literal["relu", "gelu"] = pydantic.Field(
        "gelu", description="of a token's network"
    )
    dropout: float = pydantic.Field(
        0.1, ge=0, lt=1, description="rate of tokens and of what parts add"
    )
    attention_dropout: float = pydantic.Field(
        0.0, ge=0, lt=1, description="rate of the weights of attention"
    )
    patch: int | None = pydantic.Field(
        None,
        ge=1,
        le=65_536,
        description=f"rows that are one token; null: {PATCH} of a forecast's "
        f"window of {LONG} or more, else 1",
    )
    columns: Literal["together", "apart"] | None = pydantic.Field(
        None,
        description="whether a token holds all columns, or each forecast "
        "column is a series of its own, by the same weights; null: apart for "
        "forecasts that no rows are planned for, else together",
    )
    pooling: Literal["mean", "first", "last", "all"] | None = pydantic.Field(
        None,
        description="which tokens answer; null: the mean, of a forecast all, "
        "of a decoder the last",
    )
    tied: bool = pydantic.Field(
        True,
        description="language, translation: whether one matrix stands for the "
        "tokens that are read and for those that may come",
    )
    implementation: Literal["fused", "written"] = pydantic.Field(
        "fused",
        description="fused: the backend's attention; written: as its "
        "equation reads, the same numbers",
    )

    @pydantic.model_validator(mode="after")
    def _check_heads(self) -> "TransformerConfig":
        if self.width % self.heads:
            raise ValueError(
                f"width={self.width} is no multiple of heads={self.heads}."
            )
        if self.positions == "rotary" and self.width // self.heads % 2:
            raise ValueError(
                "positions=rotary turns pairs: width / heads must be even; it "
                f"is {self.width // self.heads}."
            )
        return self

    def fitted(self, spec: Spec) -> "TransformerConfig":
        """Returns these with the network that fits the data, if none is."""
        if self.network is not None:
            return self
        language = spec.target.kind == "next_token"
        name = "decoder" if language else "encoder"
        return self.model_copy(update={"network": name})

    def is_apart(self, spec: Spec) -> bool:
        """Returns whether each forecast column is a series of its own."""
        if self.columns is not None:
            return self.columns == "apart"
        return spec.target.kind == "series" and spec.future is None

    def rows_per_token(self, spec: Spec) -> int:
        """Returns how many rows of a series are one token."""
        if self.patch is not None:
            return self.patch
        if spec.input.kind in ("text", "tokens"):
            return 1
        rows = int(spec.input.shape[0] or 1)
        long = spec.target.kind == "series" and rows >= LONG
        return PATCH if long else 1

    def pooled(self, spec: Spec) -> str:
        """Returns which tokens answer."""
        if self.pooling is not None:
            return self.pooling
        if self.network == "decoder":
            return "last"
        return "all" if spec.target.kind == "series" else "mean"

    def model_defaults(self, spec: Spec) -> dict[str, Any]:
        if spec.target.kind != "sequence":
            return {}
        return {"network": "encoder-decoder", "width": 128}

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        usual = usual_training(spec, examples)
        if spec.target.kind == "sequence":
            return {**usual, "learning_rate": 1e-3, "weight_decay": 0.01}
        if spec.target.kind == "series":
            return usual
        return {**usual, "learning_rate": 1e-3, "weight_decay": 0.01}
