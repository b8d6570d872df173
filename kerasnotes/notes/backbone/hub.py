"""Backbones of KerasHub: built from their arguments, with a preset's weights.

KerasHub is no dependency: it is imported where a body of its own is built.
"""

import importlib
import importlib.util
import inspect
from pathlib import Path
from typing import Any

import keras

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.notes.backbone.preset import WEIGHTS

IMAGES = 4
"""Axes of a batch of images."""


def build(name: str, architecture: dict[str, Any]) -> Any:
    """Returns a backbone of KerasHub's, with random weights.

    Args:
        name: Of its class.
        architecture: Its arguments.

    Raises:
        UsageError: If KerasHub is not installed, or has no such backbone.
    """
    if importlib.util.find_spec("keras_hub") is None:
        raise UsageError(
            f"A body of KerasHub's ({name}) needs KerasHub.",
            expected="the package keras-hub",
            received="it is not installed",
            hint="pip install keras-hub",
        )
    models = importlib.import_module("keras_hub").models
    make: Any = getattr(models, name, None)
    if not _is_a(make, models.Backbone):
        raise UsageError(
            f"KerasHub has no backbone called {name}.",
            expected="a class of keras_hub.models, such as ResNetBackbone",
            received=name,
        )
    try:
        made = make.from_config({**architecture, "name": "body"})
    except (TypeError, ValueError) as error:
        raise UsageError(
            f"KerasHub cannot build this {name}.",
            expected="its own arguments as `architecture`",
            received=str(error).splitlines()[0][:200],
        ) from None
    shapes = keras.tree.map_structure(lambda x: x.shape, made.input)
    if not isinstance(shapes, tuple) or len(shapes) != IMAGES:
        raise UsageError(
            f"The backbone {name} is not for images alone.",
            expected="one that takes a batch of images, (B, H, W, C)",
            received=str(shapes)[:200],
        )
    return made


def _is_a(found: Any, kind: type) -> bool:
    return inspect.isclass(found) and issubclass(found, kind)


def read_weights(model: Any, folder: Path) -> None:
    """Sets the body of a network to a preset's weights.

    Raises:
        DataError: If they are not there, or do not fit.
    """
    try:
        model.get_layer("body").load_weights(folder / WEIGHTS)
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"The weights of {folder} cannot be read.",
            expected=f"{WEIGHTS} of that network, in one file",
            received=str(error).splitlines()[0][:200],
        ) from None
