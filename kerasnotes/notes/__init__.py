"""Every note by name. The only list of its kind; imports no framework."""

import dataclasses
import importlib
from typing import Any

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
        module: Module with the configuration and the network.
        model: Name of the `keras.Model` class in that module; its
            configuration is called `<model>Config`.
    """

    name: str
    family: str
    task: str
    data: str
    summary: str
    module: str
    model: str

    def model_class(self) -> Any:
        return getattr(importlib.import_module(self.module), self.model)

    def config_class(self) -> Any:
        module = importlib.import_module(self.module)
        return getattr(module, f"{self.model}Config")


_NOTES = (
    Note(
        "mlp",
        "dense",
        "classification",
        "digits",
        "Multilayer perceptron, with hand-derived backpropagation beside it",
        "kerasnotes.notes.mlp.note",
        "MLP",
    ),
    Note(
        "unet",
        "convolutional",
        "segmentation",
        "digit-scenes",
        "U-Net: encoder, decoder and skip connections; a class per pixel",
        "kerasnotes.notes.unet.note",
        "UNet",
    ),
    Note(
        "bcnn",
        "convolutional",
        "bayesian-classification",
        "digits",
        "Bayesian CNN: a distribution over every weight; answers with doubt",
        "kerasnotes.notes.bcnn.note",
        "BCNN",
    ),
    Note(
        "vae",
        "generative",
        "generation",
        "digits",
        "Variational autoencoder: encoder, decoder, evidence bound in nats",
        "kerasnotes.notes.vae.note",
        "VAE",
    ),
    Note(
        "gan",
        "generative",
        "generation",
        "digits",
        "Adversarial networks: DCGAN or MLP, five losses, WGAN-GP, R1",
        "kerasnotes.notes.gan.note",
        "GAN",
    ),
    Note(
        "ddpm",
        "generative",
        "generation",
        "digits",
        "Denoising diffusion: noise taken out step by step; 15 samplers",
        "kerasnotes.notes.ddpm.note",
        "DDPM",
    ),
)

NOTES = {note.name: note for note in _NOTES}


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
