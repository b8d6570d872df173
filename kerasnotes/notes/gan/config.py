"""Sizes, loss and penalties of the adversarial networks."""

from typing import Any, Literal

import pydantic

from kerasnotes.contracts.config import NoteConfig
from kerasnotes.data.spec import Spec

Width = pydantic.conint(ge=1, le=65_536)
STEPS = 6_500
"""Steps of each player by default; twice as many for many images."""


class GANConfig(NoteConfig):
    """Sizes, loss and penalties of the adversarial networks."""

    latent: int = pydantic.Field(
        32, ge=1, le=4096, description="numbers of noise an example"
    )
    width: int = pydantic.Field(
        32, ge=1, le=1024, description="filters next to the image"
    )
    hidden: int = pydantic.Field(
        0,
        ge=0,
        le=65_536,
        description="units of the dense layer of either network, images only; "
        "0 for none",
    )
    widths: tuple[Width, ...] = pydantic.Field(  # type: ignore[valid-type]
        (128, 128, 128),
        min_length=1,
        max_length=16,
        description="units of each hidden layer, tables only",
    )
    loss: Literal[
        "non_saturating", "minimax", "hinge", "least_squares", "wasserstein"
    ] = pydantic.Field("non_saturating", description="the game that is played")
    critic_steps: int | None = pydantic.Field(
        None,
        ge=1,
        le=100,
        description="steps of the discriminator per step of the generator, "
        "each on its share of the batch; null: 5 for wasserstein, else 1",
    )
    gradient_penalty: float | None = pydantic.Field(
        None,
        ge=0,
        le=1e4,
        description="weight of (|slope| - 1)^2 between real and generated; "
        "null: 10 for wasserstein, else 0",
    )
    r1: float | None = pydantic.Field(
        None,
        ge=0,
        le=1e4,
        description="weight of |slope|^2 / 2 at real data; null: 0.2, but 0 "
        "with gradient_penalty or batch normalization",
    )
    normalization: Literal["none", "batch", "layer"] = pydantic.Field(
        "none", description="in the discriminator, images only"
    )
    dropout: float = pydantic.Field(
        0.0, ge=0, lt=1, description="rate in the discriminator"
    )
    conditional: bool = pydantic.Field(
        False, description="draw the class that is asked for"
    )
    discriminator_rate: float = pydantic.Field(
        1.0, gt=0, le=100, description="times train.learning_rate"
    )
    beta_1: float = pydantic.Field(
        0.0, ge=0, lt=1, description="Adam's decay of mean gradients"
    )
    beta_2: float = pydantic.Field(
        0.99, ge=0, lt=1, description="Adam's decay of squared gradients"
    )

    @pydantic.model_validator(mode="after")
    def _check_penalties(self) -> "GANConfig":
        if self.loss == "wasserstein" and self.gradient_penalty == 0:
            raise ValueError(
                "The wasserstein loss is only defined with gradient_penalty "
                "above 0: without it the critic grows without bound."
            )
        if self.normalization == "batch" and (self.penalty or self.r1_weight):
            raise ValueError(
                "Batch normalization mixes the examples of a batch, and "
                "gradient_penalty and r1 need the slope of each: take "
                "normalization=layer or none."
            )
        return self

    @property
    def penalty(self) -> float:
        if self.gradient_penalty is None:
            return 10.0 if self.loss == "wasserstein" else 0.0
        return self.gradient_penalty

    @property
    def r1_weight(self) -> float:
        if self.r1 is None:
            other = self.penalty or self.normalization == "batch"
            return 0.0 if other else 0.2
        return self.r1

    @property
    def repeats(self) -> int:
        if self.critic_steps is None:
            return 5 if self.loss == "wasserstein" else 1
        return self.critic_steps

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        table = spec.input.kind == "table"
        small = table or examples < 10_000
        batch_size = 256 if table else 64
        # As many moves of both players together, whoever makes them.
        moves = 2 * STEPS if small else 4 * STEPS
        steps = moves / (1 + self.repeats)
        batches = max(1, examples // (batch_size * self.repeats))
        return {
            "batch_size": batch_size * self.repeats,
            "epochs": max(1, round(steps / batches)),
            "learning_rate": 2e-3,
            "schedule": "cosine",
            "warmup": 0.0,
            "weight_decay": 0.0,
            "clip_norm": None,
            "ema": 0.995 if small else 0.999,
        }
