"""The network that a run begins with: a run's, a file's, or another's own.

What others have trained is named: a network of `keras.applications`, a body
in a package of weights, a preset of KerasHub. `vgg16` and `resnet` take the
first as their own network, `backbone` takes all as its body.
"""

from pathlib import Path
from typing import Any

from kerasnotes.base.commands import command
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.contracts.config import NoteConfig
from kerasnotes.notes import Note, require
from kerasnotes.notes.backbone.bodies import APPLICATIONS, HUB, LITE
from kerasnotes.notes.backbone.preset import read_preset
from kerasnotes.runs.run import find_model

CV = "keras_cv:"
BACKBONE = "backbone"
"""The note that takes any body."""


def is_foreign(source: str) -> bool:
    """Returns whether a source is a network that others have trained."""
    return source in LITE or source.startswith((APPLICATIONS, HUB))


def is_body(source: str, note: Note) -> bool:
    """Returns whether a note takes a source as a body that is trained."""
    return note.name == BACKBONE and is_foreign(source)


def absolute(source: str) -> str:
    """Returns the name of another's network, its folder as seen anywhere."""
    if not source.startswith(HUB):
        return source
    folder = Path(source.removeprefix(HUB)).expanduser()
    return HUB + str(folder.absolute())


def read_settings(source: str, note: Note) -> dict[str, Any]:
    """Returns the own fields of a source's network; imports no framework.

    Args:
        source: A run's folder, a `.keras` file of ours, or what `is_foreign`;
            of a network of Keras' own, only Keras knows the fields.
        note: The note that is to be trained.

    Raises:
        DataError: If a preset is none.
        StorageError: If there is no such run.
        UsageError: If it is another note's.
    """
    if source.startswith(CV):
        raise UsageError(
            "Backbones of KerasCV cannot be had.",
            expected="--from keras_hub:FOLDER, where they went",
            received=source,
            hint="KerasCV 0.9, its last version, downloads them itself, and "
            "refuses folders",
        )
    if is_foreign(source):
        return _read_foreign(source, note)
    path = Path(source).expanduser()
    _, record = find_model(path)
    require(record, path)
    name = record.get("note")
    if "members" in record:
        raise UsageError(
            f"{source} is an ensemble: it has no weights of one network.",
            expected=f"one of its members, if it is a {note.name}",
            received=", ".join(m["path"] for m in record["members"])[:200],
        )
    config = note.config_class()
    known = (note.name, *config.begins_with)
    if name not in known:
        raise UsageError(
            f"{source} holds a network of another note.",
            expected=f"one of {' or '.join(known)}",
            received=str(name),
            hint=command("fit", str(name), "--from", source),
        )
    given = record.get("config", {}).get("model", {})
    if name == note.name:
        return dict(given)
    return {k: v for k, v in given.items() if k in config.model_fields}


def _read_foreign(source: str, note: Note) -> dict[str, Any]:
    if note.name != BACKBONE:
        if not source.startswith(APPLICATIONS):
            raise UsageError(
                f"{note.name} cannot begin with {source}.",
                expected="a network of its own kind",
                received=source,
                hint=command("fit", BACKBONE, "--from", source),
            )
        return {}
    if source.startswith(HUB):
        return read_preset(Path(source.removeprefix(HUB)))
    return {"body": source}


def open_source(source: str, note: Note, config: NoteConfig) -> Any:
    """Returns the source's network, with its weights.

    Args:
        source: As of `read_settings`.
        note: The note that is to be trained.
        config: Its own fields, which a body of another's is put behind.

    Raises:
        DataError: If Keras cannot download its weights.
        StorageError: If it cannot be read.
        UsageError: If there is no such network.
    """
    if is_foreign(source):
        if is_body(source, note):
            return note.model_class().from_pretrained(source, config)
        return _open_application(source.removeprefix(APPLICATIONS), note)
    # This imports Keras: not before a backend is chosen.
    from kerasnotes.runs.saving import load_model

    file, _ = find_model(Path(source).expanduser())
    return load_model(file)


def _open_application(name: str, note: Note) -> Any:
    import keras

    make = getattr(keras.applications, name, None)
    take = getattr(note.model_class(), "from_applications", None)
    if make is None or take is None:
        raise UsageError(
            f"{note.name} cannot begin with {APPLICATIONS}{name}.",
            expected=f"vgg16 with {APPLICATIONS}VGG16, resnet with "
            f"{APPLICATIONS}ResNet50, or a run of its own",
            received=f"{note.name}, {name}",
            hint=f"{BACKBONE} takes any of them as its body",
        )
    try:
        network = make(weights="imagenet")
    except Exception as error:
        # Whatever a download ends with: no network, half a file, no room.
        raise DataError(
            f"The weights of {name} cannot be had.",
            expected="access to the internet, or the file of weights in "
            "$KERAS_HOME/models (by default ~/.keras/models)",
            received=str(error).splitlines()[0][:200],
        ) from error
    count = network.output_shape[-1]
    try:
        return take(network, [str(number) for number in range(count)])
    except ValueError as error:
        raise UsageError(
            f"{note.name} cannot begin with {APPLICATIONS}{name}.",
            received=str(error),
        ) from None
