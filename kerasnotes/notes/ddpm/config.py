"""Configuration of a diffusion model, and the network it asks for."""

from typing import Any, Literal

import keras
import pydantic

from kerasnotes.base.errors import UsageError, did_you_mean
from kerasnotes.contracts.note import NoteConfig
from kerasnotes.data.spec import Spec
from kerasnotes.diffusion.noise_schedule import SCHEDULES
from kerasnotes.diffusion.parameterization import Parameterization
from kerasnotes.diffusion.training_loss import Variance, Weighting
from kerasnotes.notes.ddpm.known_image import Condition
from kerasnotes.notes.ddpm.network import Sizes, build_mlp, build_unet

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
        True, description="tell the network the class"
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
            table = spec.input == "table"
            return table or max(side or 0 for side in spec.shape[:2]) <= TINY
        return self.network == "mlp"


def build_denoiser(
    config: DDPMConfig, spec: Spec, *, known: int = 0
) -> keras.Model:
    """Returns the network for this data.

    Args:
        config: Sizes.
        spec: The data.
        known: Channels of what is known of an image.

    Raises:
        UsageError: If the data or the configuration does not fit it.
    """
    _check(config, spec)
    mlp = config.uses_mlp(spec)
    shape = tuple(int(side or 0) for side in spec.shape)
    widths = config.widths or ((256,) * 3 if mlp else _widths(shape))
    sizes = Sizes(
        widths=widths,
        time=64 if mlp else widths[0] + widths[0] % 2,
        blocks=config.blocks,
        attention=_attention(config, len(widths)),
        groups=config.groups,
        key_dim=config.key_dim,
        dropout=config.dropout,
        num_classes=spec.num_classes if config.conditional else 0,
        known=known,
    )
    if mlp:
        return build_mlp(shape, sizes)
    return build_unet((shape[0], shape[1], shape[2]), sizes)


def _widths(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Returns 32, 64, 64, ...: halved until a side is 8 pixels or less."""
    levels, side = 1, max(shape[:2])
    while side > 8 and levels < 6:
        side, levels = -(-side // 2), levels + 1
    return (32, *(64,) * (levels - 1))


def _attention(config: DDPMConfig, levels: int) -> tuple[int, ...]:
    if config.attention is None:
        return (levels - 1,)
    return config.attention


def _check(config: DDPMConfig, spec: Spec) -> None:
    """Raises a `UsageError` for what does not go together."""
    if None in spec.shape:
        raise UsageError(
            "ddpm needs examples of one size.",
            received=f"{spec.name}: shape {spec.shape}",
            hint="set data.image_size",
        )
    if config.uses_mlp(spec):
        return
    if spec.input == "table":
        raise UsageError(
            "Rows of a table have no neighbours to convolve.",
            received="network=unet",
            hint="--set network=mlp",
        )
    widths = config.widths or _widths(tuple(int(s or 0) for s in spec.shape))
    for name, size in (("groups", config.groups), ("key_dim", config.key_dim)):
        bad = [width for width in widths if width % size]
        if bad:
            raise UsageError(
                f"`{name}` does not divide the widths of the U-Net.",
                expected=f"widths that are multiples of {size}",
                received=f"{name}={size}, widths={list(widths)}",
            )
    levels = len(widths)
    if min(spec.shape[0] or 0, spec.shape[1] or 0) < 2 ** (levels - 1):
        raise UsageError(
            "The images are too small for so many levels.",
            expected=f"sides of at least {2 ** (levels - 1)} pixels for "
            f"{levels} widths",
            received=f"{spec.name}: shape {spec.shape}",
            hint="fewer widths, or --set network=mlp",
        )
    outside = [level for level in config.attention or () if level >= levels]
    outside += [level for level in config.attention or () if level < 0]
    if outside:
        raise UsageError(
            "`attention` names a level that does not exist.",
            expected=f"0 (the finest) to {levels - 1}",
            received=f"attention={list(config.attention or ())}",
        )
