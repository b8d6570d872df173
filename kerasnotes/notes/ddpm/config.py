"""Configuration of a diffusion model."""

from typing import Any, Literal

import pydantic

from kerasnotes.base.errors import did_you_mean
from kerasnotes.contracts.config import NoteConfig
from kerasnotes.data.spec import Spec
from kerasnotes.diffusion.choices import Parameterization, Variance, Weighting
from kerasnotes.diffusion.noise_schedule import SCHEDULES

Condition = Literal["none", "inpaint", "superres"]
"""What is known of the image that is drawn; see `known_image`."""
Width = pydantic.conint(ge=1, le=4096)
EPOCH_STEPS = 250
MLP_STEPS, UNET_STEPS = 10_000, 2_500
TINY = 16
"""Images up to this side are left to the MLP by default, pixels."""


class DDPMConfig(NoteConfig):
    """Process, network and objective."""

    timesteps: int = pydantic.Field(
        1000, ge=2, le=100_000, description="T, steps of the noise process"
    )
    schedule: str = pydantic.Field(
        "cosine", description="noise schedule: " + ", ".join(SCHEDULES)
    )
    parameterization: Parameterization = pydantic.Field(
        "v", description="what the network predicts"
    )
    weighting: Weighting = pydantic.Field(
        "simple", description="of the times in the loss"
    )
    snr_gamma: float = pydantic.Field(
        5.0, gt=0, le=1e6, description="limit of the weighting min_snr"
    )
    variance: Variance = pydantic.Field(
        "fixed_small", description="of a reverse step of the sampler ddpm"
    )
    clip: bool = pydantic.Field(
        True, description="keep predicted images within the range of pixels"
    )
    conditional: bool = pydantic.Field(
        True,
        description="tell the network the class; false where there is none",
    )
    condition: Condition = pydantic.Field(
        "none",
        description="what is known of the image: parts of it (inpaint), or "
        "a small copy (superres)",
    )
    superres_factor: int = pydantic.Field(
        2, ge=2, le=64, description="how many times smaller that copy is"
    )
    drop: float = pydantic.Field(
        0.1,
        ge=0,
        lt=1,
        description="rate of hiding the class, for guidance, and the known "
        "image, to draw without one",
    )
    network: Literal["auto", "unet", "mlp"] = pydantic.Field(
        "auto", description="mlp for tables and tiny images, else unet"
    )
    widths: tuple[Width, ...] | None = pydantic.Field(  # type: ignore[valid-type]
        None,
        min_length=1,
        max_length=12,
        description="channels by level, or units by block; default by data",
    )
    blocks: int = pydantic.Field(
        2, ge=1, le=16, description="residual blocks a level, unet only"
    )
    attention: tuple[int, ...] | None = pydantic.Field(
        None, description="levels with self-attention; default the lowest"
    )
    groups: int = pydantic.Field(
        8, ge=1, le=1024, description="of group normalization, unet only"
    )
    key_dim: int = pydantic.Field(
        8, ge=1, le=1024, description="size of an attention head, unet only"
    )
    dropout: float = pydantic.Field(
        0.0, ge=0, lt=1, description="rate inside residual blocks"
    )

    @pydantic.field_validator("schedule")
    @classmethod
    def _known(cls, name: str) -> str:
        if name not in SCHEDULES:
            raise ValueError(f"{did_you_mean(name, SCHEDULES)}")
        return name

    @pydantic.model_validator(mode="after")
    def _check_drop(self) -> "DDPMConfig":
        if self.condition != "none" and not self.drop:
            raise ValueError(
                f"`condition={self.condition}` needs `drop` above 0: else "
                "the network never learns to draw without a known image."
            )
        return self

    def model_defaults(self, spec: Spec) -> dict[str, Any]:
        return {} if spec.target.classes else {"conditional": False}

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        mlp = self.uses_mlp(spec)
        batch_size = min(128 if mlp else 64, max(1, examples))
        batches = max(1, examples // batch_size)
        # Short epochs are joined: each costs a validation and a checkpoint.
        passes = max(1, round(EPOCH_STEPS / batches))
        steps = MLP_STEPS if mlp else UNET_STEPS
        return {
            "batch_size": batch_size,
            "passes": passes,
            "epochs": max(1, round(steps / (batches * passes))),
            "learning_rate": 1e-3,
            # Averages over a tenth of the run or less; longer ones lag.
            "ema": 0.999 if mlp else 0.995,
        }

    def uses_mlp(self, spec: Spec) -> bool:
        """Whether the network for this data is the MLP."""
        if self.network == "auto":
            table = spec.input.kind == "table"
            return (
                table or max(side or 0 for side in spec.input.shape[:2]) <= TINY
            )
        return self.network == "mlp"
