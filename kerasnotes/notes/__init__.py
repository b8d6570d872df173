"""Every note by name. The only list of its kind; imports no framework.

`kerasnotes.notes()` is `kerasnotes.api.notes`.
"""

import dataclasses
import importlib
from typing import Any

from kerasnotes.base.callable_package import make_callable
from kerasnotes.base.errors import UsageError, did_you_mean


@dataclasses.dataclass(frozen=True)
class Note:
    """One architecture.

    Args:
        name: What `kn` calls it.
        family: Group of related notes.
        task: What its output means; a key of `tasks.TASKS`.
        data: Source used when none is given.
        summary: One line of help.
        package: Package of the note: `config` in it, which needs no Keras,
            holds `<model>Config`; `note` holds the model.
        model: Name of the `keras.Model` class.
    """

    name: str
    family: str
    task: str
    data: str
    summary: str
    package: str
    model: str

    def model_class(self) -> Any:
        """Returns the `keras.Model`; imports Keras."""
        module = importlib.import_module(f"{self.package}.note")
        return getattr(module, self.model)

    def config_class(self) -> Any:
        """Returns the model's own fields; imports no framework."""
        module = importlib.import_module(f"{self.package}.config")
        return getattr(module, f"{self.model}Config")


_NOTES = (
    Note(
        "mlp",
        "dense",
        "classification",
        "digits",
        "Multilayer perceptron, with hand-derived backpropagation beside it",
        "kerasnotes.notes.mlp",
        "MLP",
    ),
    Note(
        "unet",
        "convolutional",
        "segmentation",
        "digit-scenes",
        "U-Net: encoder, decoder and skip connections; a class per pixel",
        "kerasnotes.notes.unet",
        "UNet",
    ),
    Note(
        "bcnn",
        "convolutional",
        "bayesian-classification",
        "digits",
        "Bayesian CNN: a distribution over every weight; answers with doubt",
        "kerasnotes.notes.bcnn",
        "BCNN",
    ),
    Note(
        "vae",
        "generative",
        "generation",
        "digits",
        "Variational autoencoder: encoder, decoder, evidence bound in nats",
        "kerasnotes.notes.vae",
        "VAE",
    ),
    Note(
        "gan",
        "generative",
        "generation",
        "digits",
        "Adversarial networks: DCGAN or MLP, five losses, WGAN-GP, R1",
        "kerasnotes.notes.gan",
        "GAN",
    ),
    Note(
        "ddpm",
        "generative",
        "generation",
        "digits",
        "Denoising diffusion: noise taken out step by step; 15 samplers",
        "kerasnotes.notes.ddpm",
        "DDPM",
    ),
)

NOTES = {note.name: note for note in _NOTES}

make_callable(__name__, "kerasnotes.api:notes")


def find(name: str) -> Note:
    """Returns the note called `name`.

    Raises:
        UsageError: If there is none; names the nearest.
    """
    if name not in NOTES:
        raise UsageError(
            f"There is no note called `{name}`.",
            hint=f"{did_you_mean(name, NOTES)} (`kn list` shows all)",
        )
    return NOTES[name]
