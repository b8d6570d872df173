"""What `kn show` tells of a `.keras` file, read without any framework."""

import dataclasses
import math
from pathlib import Path
from typing import Any

from kerasnotes.notes import prefixes
from kerasnotes.runs.archive import archive, config_json, layer_list, zip_file
from kerasnotes.runs.archive.weight_stats import Weight, read_weights
from kerasnotes.runs.archive.weights_h5 import open_weights

Row = dict[str, Any]


def describe(path: Path) -> dict[str, Any]:
    """Describes a file: layers, totals, weights and training record.

    A file that must not be loaded (a Lambda, another package's class) is
    described all the same, with a warning: nothing in it is run.

    Returns:
        A JSON object; `record` is `None` in a file of bare Keras.

    Raises:
        StorageError: If the file is missing, damaged or made to harm.
    """
    with zip_file.open_archive(path) as opened:
        config = archive.read_config(path, opened)
        record = archive.find_record(path, opened)
        metadata = _metadata(path, opened)
        with open_weights(path, opened) as file:
            weights = read_weights(file)
            optimizer = "optimizer" in file
    noted = (record or {}).get(archive.LAYERS)
    listed = layer_list.noted_layers(noted) or layer_list.config_layers(config)
    weights = _in_order(weights, listed)
    layers = _with_weights(listed, weights)
    shown = {
        "file": str(path),
        "bytes": path.stat().st_size,
        "model": str(config["class_name"]),
        "keras_version": metadata.get("keras_version"),
        "saved": metadata.get("date_saved"),
        "layers": layers,
        "totals": _totals(layers, weights, optimizer),
        "weights": [_weight_row(weight) for weight in weights],
        "record": _without_layers(record),
        "loadable": config_json.check_policy(config, prefixes()) is None,
        "warnings": _warnings(config, weights),
    }
    cleaned: dict[str, Any] = _clean(shown)
    return cleaned


def _clean(value: Any) -> Any:
    """Makes values from a file fit for strict JSON and for printing."""
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, str):
        # A lone surrogate cannot be printed.
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _metadata(path: Path, opened: Any) -> Row:
    if zip_file.METADATA not in opened.namelist():
        return {}
    value = zip_file.read_json(path, opened, zip_file.METADATA)
    return value if isinstance(value, dict) else {}


def _without_layers(record: Row | None) -> Row | None:
    if record is None:
        return None
    return {k: v for k, v in record.items() if k != archive.LAYERS}


def _with_weights(rows: list[Row], weights: list[Weight]) -> list[Row]:
    """Gives each layer the count and kind of the weights stored for it.

    A layer that the description does not name gets a row of its own at the
    end, so that no weight goes missing.
    """
    names = {row["name"] for row in rows}
    owned: dict[str, list[Weight]] = {}
    for weight in weights:
        owned.setdefault(_owner(weight, names), []).append(weight)
    rows = rows + [
        layer_list.row(name, _kind(own[0]))
        for name, own in owned.items()
        if name not in names
    ]
    for row in rows:
        own = owned.get(row["name"], [])
        row["parameters"] = sum(weight.size for weight in own)
        row["dtype"] = row["dtype"] or (own[0].dtype if own else None)
    return rows


def _in_order(weights: list[Weight], rows: list[Row]) -> list[Weight]:
    """Sorts weights as their layers are listed, unlisted ones last."""
    place = {row["name"]: number for number, row in enumerate(rows)}
    names = set(place)
    return sorted(
        weights,
        key=lambda weight: place.get(_owner(weight, names), len(place)),
    )


def _owner(weight: Weight, names: set[str]) -> str:
    """Returns the innermost listed layer that a weight lies in, or its own."""
    parts = weight.layer.split("/")
    for length in range(len(parts), 0, -1):
        name = "/".join(parts[:length])
        if name in names:
            return name
    return weight.layer


def _kind(weight: Weight) -> str:
    """Guesses a class from the path: `layers/conv2d_1/vars/0`, `conv2d`."""
    parts = weight.path.split("/")
    group = parts[-3] if len(parts) > 2 else "model"
    stem, _, number = group.rpartition("_")
    return stem if stem and number.isdecimal() else group


def _totals(rows: list[Row], weights: list[Weight], optimizer: bool) -> Row:
    known = [row["trainable"] for row in rows]
    return {
        "layers": len(rows),
        "parameters": sum(weight.size for weight in weights),
        "trainable": None if None in known else sum(known),
        "weights": len(weights),
        "weight_bytes": sum(_bytes(weight) for weight in weights),
        "nan": sum(weight.nan for weight in weights),
        "inf": sum(weight.inf for weight in weights),
        "optimizer_state": optimizer,
    }


def _bytes(weight: Weight) -> int:
    digits = "".join(c for c in weight.dtype if c.isdigit())
    # `bool` takes one byte; every other name ends in its bits.
    return weight.size * (int(digits) // 8 if digits else 1)


def _weight_row(weight: Weight) -> Row:
    return {
        **dataclasses.asdict(weight),
        "shape": list(weight.shape),
        "parameters": math.prod(weight.shape),
    }


def _warnings(config: Row, weights: list[Weight]) -> list[str]:
    found = []
    policy = config_json.check_policy(config, prefixes())
    if policy is not None:
        found.append(f"kn will not load this file: {policy[0]}")
    broken = [weight.path for weight in weights if weight.nan or weight.inf]
    if broken:
        found.append(
            f"NaN or infinity in {len(broken)} of {len(weights)} weights, "
            f"first in {broken[0]}"
        )
    return found
