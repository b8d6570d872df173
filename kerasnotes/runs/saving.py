"""Models to `.keras` files and back, without optimizer and without pickle."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from kerasnotes.base.commands import command
from kerasnotes.base.errors import StorageError
from kerasnotes.base.files import replacing
from kerasnotes.notes import register
from kerasnotes.runs.archive import archive


def save_model(model: Any, path: Path, record: archive.Record) -> None:
    """Writes a model, its record and the list of its layers to one file.

    The optimizer stays out: what is used for predictions is a third of
    what training needs. The file appears whole or not at all.

    Args:
        model: A built `keras.Model`; it is left as it was.
        path: Where to, ending in `.keras`.
        record: What the file is, as JSON values.

    Raises:
        StorageError: If the file cannot be written.
    """
    if path.suffix != ".keras":
        raise StorageError(
            f"Cannot save a model as {path}.",
            expected="a name that ends in .keras",
            received=path.name,
        )
    whole = {**record, archive.LAYERS: list_layers(model)}
    with replacing(path) as part:
        with _uncompiled(model):
            _save(model, part)
        archive.append_record(part, whole)


def _save(model: Any, part: Path) -> None:
    try:
        model.save(part)
    except RuntimeError as error:
        # h5py raises this one when the disk fills up while a file closes.
        reason = str(error).strip().split("\n")[0][:200]
        raise StorageError(
            "The model could not be saved.",
            received=reason,
            hint="free some space, or choose another folder with --out",
        ) from error


@contextlib.contextmanager
def _uncompiled(model: Any) -> Iterator[None]:
    """Hides what `compile` added from Keras' walk over the attributes.

    `model.save` has no `include_optimizer` for `.keras` files, and a clone
    would cost the model's memory again. The attribute is taken out of the
    instance's dict, past Keras' and the backend's tracking, and put back.
    """
    compiled, state = model.compiled, vars(model)
    hidden = {key: state.pop(key) for key in ("optimizer",) if key in state}
    model.compiled = False
    try:
        yield
    finally:
        model.compiled = compiled
        state.update(hidden)


def list_layers(model: Any, prefix: str = "") -> list[dict[str, Any]]:
    """Lists a model's layers, the layers of inner models among them.

    Returns:
        One JSON object a layer: `name` (`inner/dense`), `class`,
        `output_shape`, `parameters`, `trainable` (parameters), `dtype`.
    """
    found = []
    for layer in model.layers:
        name = f"{prefix}{layer.name}"
        if isinstance(layer, keras.Model) and layer.layers:
            found += list_layers(layer, f"{name}/")
            continue
        found.append(
            {
                "name": name,
                "class": type(layer).__name__,
                "output_shape": _output_shape(layer),
                "parameters": layer.count_params() if layer.built else 0,
                "trainable": sum(
                    int(keras.ops.size(weight))
                    for weight in layer.trainable_weights
                ),
                "dtype": layer.dtype_policy.name,
            }
        )
    return found


def _output_shape(layer: Any) -> Any:
    """Returns the shape on the layer's only call, or `None`."""
    try:
        output = layer.output
    except (AttributeError, ValueError):
        return None
    shapes = keras.tree.map_structure(lambda x: list(x.shape), output)
    return shapes


def load_model(path: Path) -> Any:
    """Reads a model back, on whatever backend runs, not compiled.

    Keras knows every note since it was imported: `notes/stand_ins.py`.

    Returns:
        A `keras.Model`.

    Raises:
        StorageError: If the file is missing, damaged, made to harm, or does
            not fit this version of Keras and kerasnotes.
    """
    register(archive.check(path))
    try:
        return keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        # Keras raises what its layers raise: there is no narrower type.
        reason = str(error).strip().split("\n")[0].split(". ")[0]
        raise StorageError(
            f"Keras cannot rebuild the model in {path}.",
            expected=f"a model that Keras {keras.__version__} can build",
            received=f"{type(error).__name__}: {reason[:200]}",
            hint=f"`{command('show', path)}` tells what wrote the file",
        ) from error
