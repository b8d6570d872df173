"""A preset of KerasHub's, read without it and without a framework.

A preset is a folder that `save_to_preset` has written, or that was downloaded
with KerasHub: `config.json` says which class, with which arguments, and
`image_converter.json`, if there is one, what is made of pixels.
"""

import json
from pathlib import Path
from typing import Any

from kerasnotes.base.errors import DataError
from kerasnotes.notes.backbone import bodies

CONFIG, CONVERTER, WEIGHTS = (
    "config.json",
    "image_converter.json",
    "model.weights.h5",
)


def read_preset(folder: Path) -> dict[str, Any]:
    """Returns the own fields of a network whose body a preset is.

    Imports no framework.

    Args:
        folder: The preset.

    Raises:
        DataError: If it is no preset, or of no body for images.
    """
    config = _read(folder / CONFIG)
    name, own = config.get("class_name"), config.get("config")
    if not isinstance(name, str) or not isinstance(own, dict):
        raise DataError(
            f"{folder / CONFIG} describes no network.",
            expected="what `save_to_preset` of KerasHub writes",
            received=str(config)[:200],
        )
    architecture = {k: v for k, v in own.items() if k != "dtype"}
    found = {"body": bodies.HUB + name, "architecture": architecture}
    return {**found, **_read_pixels(folder)}


def _read_pixels(folder: Path) -> dict[str, Any]:
    """Returns `scale` and `offset` of a preset's converter of images."""
    if not (folder / CONVERTER).is_file():
        return {}
    told = _read(folder / CONVERTER).get("config", {})
    found = {}
    for name in ("scale", "offset"):
        value = told.get(name)
        if value is not None:
            each = value if isinstance(value, list) else [value] * 3
            found[name] = [float(number) for number in each]
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"{path.parent} is no preset of KerasHub.",
            expected=f"a folder with {CONFIG} and {WEIGHTS}; kn downloads none",
            received=str(error)[:200],
        ) from None
    return value if isinstance(value, dict) else {}
