"""Every note by name: our own, and those that the user imports.

The only list of its kind; imports no framework, and runs no file of the
user's. `kerasnotes.notes()` is `kerasnotes.api.notes`.
"""

import functools
import importlib.metadata
import logging
import os
import shlex
from collections.abc import Collection
from pathlib import Path
from typing import Any

from kerasnotes.base.callable_package import make_callable
from kerasnotes.base.errors import UsageError, did_you_mean
from kerasnotes.contracts.declaration import read_declaration
from kerasnotes.contracts.entry import Note
from kerasnotes.runtime.user_module import find_module

__all__ = [
    "GROUP",
    "IMPORT",
    "NOTES",
    "Note",
    "find",
    "import_note",
    "known_notes",
    "prefixes",
    "register",
    "require",
]

IMPORT = "KERASNOTES_IMPORT"
"""Environment variable of files to import: child processes see it too."""
GROUP = "kerasnotes.notes"
"""Entry points of installed packages: `my_note = "my_package.my_note"`."""

_NOTES = (
    Note(
        "mlp",
        "dense",
        "classification|regression",
        "digits",
        "Multilayer perceptron, with hand-derived backpropagation beside it",
        "MLP",
        "kerasnotes.notes.mlp",
    ),
    Note(
        "kan",
        "dense",
        "regression|classification",
        "formula",
        "Kolmogorov-Arnold network: a learned function on every edge",
        "KAN",
        "kerasnotes.notes.kan",
    ),
    Note(
        "inn",
        "dense",
        "interval-regression",
        "noisy-sine",
        "Interval network: weights that are intervals; values with their ends",
        "INN",
        "kerasnotes.notes.inn",
    ),
    Note(
        "cnn",
        "convolutional",
        "classification|regression",
        "digits",
        "Convolutional network: LeNet, two convolutions, or a modern small one",
        "CNN",
        "kerasnotes.notes.cnn",
    ),
    Note(
        "ucnn",
        "convolutional",
        "regression|classification",
        "frf-chain",
        "Unidirectional CNN: one axis at a time; structures by their responses",
        "UCNN",
        "kerasnotes.notes.ucnn",
    ),
    Note(
        "vgg16",
        "convolutional",
        "classification|regression",
        "digits",
        "VGG16: 3x3 convolutions in five stages; a small one for small images",
        "VGG16",
        "kerasnotes.notes.vgg16",
    ),
    Note(
        "resnet",
        "convolutional",
        "classification|regression",
        "digits",
        "Residual network: 18 to 152 layers, CIFAR's 20 to 110, three variants",
        "ResNet",
        "kerasnotes.notes.resnet",
    ),
    Note(
        "backbone",
        "convolutional",
        "classification|regression",
        "digits",
        "A body that others have trained, such as an EfficientNet-Lite",
        "Backbone",
        "kerasnotes.notes.backbone",
    ),
    Note(
        "rnn",
        "recurrent",
        "classification|forecasting|regression|language|translation",
        "digits",
        "Recurrent network: images row by row, forecasts of series",
        "RNN",
        "kerasnotes.notes.rnn",
    ),
    Note(
        "lstm",
        "recurrent",
        "classification|forecasting|regression|language|translation",
        "digits",
        "LSTM and GRU: gates decide what is kept; stacked, both ways",
        "LSTM",
        "kerasnotes.notes.lstm",
    ),
    Note(
        "tcn",
        "convolutional",
        "forecasting|classification|regression",
        "mackey-glass",
        "Temporal convolutions: causal, dilated, residual; step by step too",
        "TCN",
        "kerasnotes.notes.tcn",
    ),
    Note(
        "transformer",
        "attention",
        "forecasting|classification|regression|language|translation",
        "mackey-glass",
        "Transformer: encoder, decoder or both; what each token looks at",
        "Transformer",
        "kerasnotes.notes.transformer",
    ),
    Note(
        "snn",
        "spiking",
        "classification|regression",
        "digits",
        "Spiking network: neurons that fire, over time; six kinds of them",
        "SNN",
        "kerasnotes.notes.snn",
    ),
    Note(
        "unet",
        "convolutional",
        "segmentation",
        "digit-scenes",
        "U-Net: encoder, decoder and skip connections; a class per pixel",
        "UNet",
        "kerasnotes.notes.unet",
    ),
    Note(
        "bcnn",
        "convolutional",
        "bayesian-classification",
        "digits",
        "Bayesian CNN: a distribution over every weight; answers with doubt",
        "BCNN",
        "kerasnotes.notes.bcnn",
    ),
    Note(
        "vae",
        "generative",
        "generation",
        "digits",
        "Variational autoencoder: encoder, decoder, evidence bound in nats",
        "VAE",
        "kerasnotes.notes.vae",
    ),
    Note(
        "pixelcnn",
        "generative",
        "generation",
        "digits",
        "Gated PixelCNN: pixel after pixel; exact likelihood, fast draws",
        "PixelCNN",
        "kerasnotes.notes.pixelcnn",
    ),
    Note(
        "made",
        "generative",
        "generation",
        "digits",
        "MADE: dense layers, masked; a likelihood in one call, many orders",
        "MADE",
        "kerasnotes.notes.made",
    ),
    Note(
        "gan",
        "generative",
        "generation",
        "digits",
        "Adversarial networks: DCGAN or MLP, five losses, WGAN-GP, R1",
        "GAN",
        "kerasnotes.notes.gan",
    ),
    Note(
        "ddpm",
        "generative",
        "generation",
        "digits",
        "Denoising diffusion: noise taken out step by step; 15 samplers",
        "DDPM",
        "kerasnotes.notes.ddpm",
    ),
)

NOTES = {note.name: note for note in _NOTES}
"""Our own."""


def known_notes() -> dict[str, Note]:
    """Returns every note by name: ours, imported files', installed ones.

    An installed one that cannot be read is passed over, with a warning: a
    package that has nothing to do with what is asked must not be in its way.

    Raises:
        UsageError: If an imported file declares no note, or one whose name
            is taken.
    """
    found = dict(NOTES)
    for note in _imported():
        _add(note, found)
    for point in importlib.metadata.entry_points(group=GROUP):
        try:
            _add(_read_installed(point), found)
        except UsageError as error:
            _warn(point.name, error.message)
    return found


def _add(note: Note, found: dict[str, Note]) -> None:
    """Adds a note whose name, and whose module's name, are its own."""
    for other in found.values():
        if other.origin == note.origin:
            continue
        both = f"{other.origin or 'kerasnotes itself'} and {note.origin}"
        if other.name == note.name:
            raise UsageError(
                f"There are two notes called `{note.name}`.",
                expected="a name of its own in NOTE",
                received=both,
            )
        if other.package == note.package:
            raise UsageError(
                f"There are two files called `{note.package}`.",
                expected="a file name of its own for each note: Python and "
                "Keras know its classes by that",
                received=both,
                hint="rename one of them",
            )
    found[note.name] = note


def _imported() -> list[Note]:
    paths = os.environ.get(IMPORT, "").split(os.pathsep)
    try:
        return [read_declaration(Path(path)) for path in paths if path]
    except UsageError as error:
        error.message = f"{IMPORT}: {error.message}"
        raise


def _read_installed(point: importlib.metadata.EntryPoint) -> Note:
    """Reads what an entry point names; runs nothing of its package.

    Raises:
        UsageError: If there is no such module, or no note in it.
    """
    file = find_module(point.module)
    if file is None:
        raise UsageError(
            f"The installed note `{point.name}` cannot be found.",
            expected=f"a module {point.module}",
            received="no such module",
            hint="install its package again, or remove it",
        )
    path = file.parent if file.name == "__init__.py" else file
    return read_declaration(path, point.module)


@functools.cache
def _warn(name: str, why: str) -> None:
    """Tells once that an installed note is left out."""
    logging.getLogger(__name__).warning(
        "The installed note `%s` is left out: %s", name, why
    )


def import_note(path: str | Path) -> Note:
    """Adds a file, or a package's folder, of one's own to the notes.

    Child processes (export, bench) know it too.

    Returns:
        What it declares. The file is run when its classes are needed.

    Raises:
        UsageError: If it declares no note, or one whose name is taken.
    """
    note = read_declaration(Path(path))
    before = os.environ.get(IMPORT, "")
    if str(note.origin) not in before.split(os.pathsep):
        names = [name for name in (before, str(note.origin)) if name]
        os.environ[IMPORT] = os.pathsep.join(names)
    try:
        known_notes()
    except UsageError:
        os.environ[IMPORT] = before
        raise
    return note


def prefixes() -> frozenset[str]:
    """Returns the names that registered classes of imported notes have."""
    ours = {note.prefix for note in NOTES.values()}
    return frozenset(note.prefix for note in known_notes().values()) - ours


def register(named: Collection[str]) -> None:
    """Makes Keras know the classes of imported notes that a file names.

    Our own are known as soon as Keras is imported (`stand_ins`).

    Args:
        named: Prefixes of the registered names that a file holds; a file of
            the user's that is not needed is not run.
    """
    for note in known_notes().values():
        if note.origin is not None and note.prefix in named:
            note.model_class()


def require(record: dict[str, Any], source: Path) -> None:
    """Checks that the note of a run is here, before anything is loaded.

    Nothing is run because a record names it: whoever sends a run would
    choose what is run.

    Args:
        record: Of the run.
        source: The run's folder or file, for messages.

    Raises:
        UsageError: If it is not; names the file that it came from.
    """
    name, origin = record.get("note"), record.get("origin")
    if not isinstance(origin, str) or name in known_notes():
        return
    if not f"{name}{origin}".isprintable():
        # Nothing that would steer the terminal, or add lines of its own.
        name, origin = ascii(name), ascii(origin)
    raise UsageError(
        f"{source} was made by the note `{name}`, which is not part of kn.",
        expected=f"the file that it came from: {origin}",
        received=f"notes: {', '.join(known_notes())}",
        hint=f"if you trust that file, add {shlex.join(['--import', origin])}",
    )


make_callable(__name__, "kerasnotes.api:notes")


def find(name: str) -> Note:
    """Returns the note called `name`.

    Raises:
        UsageError: If there is none; names the nearest. If an installed
            package offers it, says why it cannot be read.
    """
    known = known_notes()
    if name not in known:
        for point in importlib.metadata.entry_points(group=GROUP, name=name):
            _read_installed(point)
        raise UsageError(
            f"There is no note called `{name}`.",
            hint=f"{did_you_mean(name, known)} (`kn list` shows all; "
            "--import FILE.py adds your own)",
        )
    return known[name]
