"""Sizes and variants of the variational autoencoder."""

from typing import Any, Literal

import pydantic

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.config import NoteConfig
from kerasnotes.data.spec import Spec

MOST = 65_536
"""Numbers of a latent at most, one-hot ones counted."""
Width = pydantic.conint(ge=1, le=65_536)


class VAEConfig(NoteConfig):
    """Sizes and variants of the variational autoencoder."""

    network: Literal["conv", "mlp"] | None = pydantic.Field(
        None, description="null: conv for images, mlp for tables"
    )
    widths: tuple[Width, ...] | None = pydantic.Field(  # type: ignore[valid-type]
        None,
        min_length=1,
        max_length=8,
        description="channels after each halving (conv) or hidden units "
        "(mlp); null: 32, 64 or 400",
    )
    hidden: int = pydantic.Field(
        256,
        ge=0,
        le=65_536,
        description="units between convolutions and latents; 0 for none",
    )
    latent: int = pydantic.Field(
        16, ge=1, le=4096, description="number of latents"
    )
    latent_kind: Literal["gaussian", "categorical"] = pydantic.Field(
        "gaussian",
        description="normal numbers; or one of `categories` each, relaxed by "
        "Gumbel-softmax in training",
    )
    categories: int = pydantic.Field(
        10, ge=2, le=1024, description="of a categorical latent"
    )
    temperature: float = pydantic.Field(
        0.5, gt=0, le=100, description="of Gumbel-softmax; lower is harder"
    )
    straight_through: bool = pydantic.Field(
        False,
        description="whether categories are hard in training, their gradients "
        "those of the soft ones",
    )
    activation: Literal["relu", "gelu", "silu", "tanh", "elu"] = pydantic.Field(
        "relu", description="after each hidden layer"
    )
    likelihood: Literal["bernoulli", "gaussian"] | None = pydantic.Field(
        None, description="null: bernoulli for images, gaussian for tables"
    )
    variance: float | None = pydantic.Field(
        None,
        gt=0,
        le=100,
        description="of the gaussian, for pixels in 0..1; null: learned",
    )
    binarize: Literal["none", "threshold", "stochastic"] = pydantic.Field(
        "none",
        description="pixels to 0 or 1: at half, or anew each time with the "
        "grey value as probability",
    )
    beta: float = pydantic.Field(
        1.0, ge=0, le=1000, description="weight of the KL term; 1 is the bound"
    )
    free_bits: float = pydantic.Field(
        0.0, ge=0, le=100, description="KL that costs nothing, nats a latent"
    )
    importance: int = pydantic.Field(
        64,
        ge=1,
        le=10_000,
        description="samples of the tighter bound that kn eval measures",
    )

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        small = examples < 10_000
        return {
            "batch_size": 32 if small else 128,
            "epochs": 100 if small else 15,
            "learning_rate": 2e-3,
            "weight_decay": 0.0,
        }

    def network_for(self, spec: Spec) -> str:
        """Returns `"conv"` or `"mlp"`."""
        return self.network or ("conv" if spec.input.kind == "image" else "mlp")

    def likelihood_for(self, spec: Spec) -> str:
        """Returns `"bernoulli"` or `"gaussian"`."""
        default = "bernoulli" if spec.input.kind == "image" else "gaussian"
        return self.likelihood or default


def check(config: VAEConfig, spec: Spec) -> None:
    """Raises a `UsageError` for what does not go together."""
    bernoulli = config.likelihood_for(spec) == "bernoulli"
    if None in spec.input.shape:
        raise UsageError(
            "A vae needs examples of one size.",
            received=f"{spec.name}: shape {spec.input.shape}",
            hint="--set data.image_size=64",
        )
    if spec.input.kind == "table" and config.network_for(spec) == "conv":
        raise UsageError(
            "Columns of a table have no neighbours to convolve.",
            received=f"network=conv for the table {spec.name}",
            hint="--set network=mlp",
        )
    if spec.input.kind == "table" and bernoulli:
        raise UsageError(
            "A bernoulli likelihood needs values between two limits.",
            received=f"likelihood=bernoulli for the table {spec.name}",
            hint="--set likelihood=gaussian",
        )
    if config.binarize != "none" and not bernoulli:
        raise UsageError(
            "Binarized pixels have a bernoulli likelihood.",
            received=f"binarize={config.binarize} with likelihood=gaussian",
            hint="--set binarize=none, or images with likelihood=bernoulli",
        )
    if (
        config.latent_kind == "categorical"
        and config.latent * (config.categories) > MOST
    ):
        raise UsageError(
            "There are too many categories.",
            expected=f"latent x categories of {MOST:,} at most",
            received=f"{config.latent} x {config.categories}",
        )
    if config.variance is not None and bernoulli:
        raise UsageError(
            "Only a gaussian likelihood has a variance.",
            received=f"variance={config.variance} with likelihood=bernoulli",
            hint="--set likelihood=gaussian",
        )
