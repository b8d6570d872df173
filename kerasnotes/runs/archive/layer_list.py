"""The list of layers in a `.keras` file, from its record or configuration."""

from typing import Any

from kerasnotes.runs.archive.config_json import objects

Row = dict[str, Any]
Shape = list[Any]


def row(name: str, kind: str | None = None) -> Row:
    """Returns the description of a layer of which only the name is known."""
    return {
        "name": name,
        "class": kind,
        "output_shape": None,
        "parameters": 0,
        "trainable": None,
        "dtype": None,
    }


def noted_layers(noted: Any) -> list[Row]:
    """Returns the layers as a record lists them, unknown parts left out."""
    if not isinstance(noted, list):
        return []
    found = []
    for item in noted:
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            blank = row(item["name"])
            found.append({key: item.get(key) for key in blank})
            trainable = found[-1]["trainable"]
            if not isinstance(trainable, int):
                found[-1]["trainable"] = None
    return found


def config_layers(config: Any, prefix: str = "") -> list[Row]:
    """Returns the layers that a Sequential or functional model lists.

    Models inside the model are opened: their layers are called
    `inner/dense`. A model with a configuration of its own lists none.

    Args:
        config: What `config.json` holds, or the part of an inner model.
        prefix: What to put before the names.
    """
    items = [as_dict(item) for item in listed(config)]
    shapes = _shapes(config, items)
    found = []
    for item in items:
        inner = as_dict(item.get("config"))
        name = f"{prefix}{inner.get('name') or item.get('name')}"
        if listed(item) and prefix.count("/") < 16:
            found += config_layers(item, f"{name}/")
            continue
        entry = row(name, str(item.get("class_name")))
        entry["output_shape"] = shapes.get(str(inner.get("name")))
        entry["dtype"] = _dtype(inner.get("dtype"))
        found.append(entry)
    return found


def as_dict(value: Any) -> Row:
    """Returns a dict as it is, and an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def listed(config: Any) -> list[Any]:
    """Returns what a model's configuration lists as its layers."""
    layers = as_dict(as_dict(config).get("config")).get("layers")
    return layers if isinstance(layers, list) else []


def _dtype(value: Any) -> str | None:
    """Reads a dtype, or the name of a dtype policy."""
    if isinstance(value, dict):
        value = as_dict(value.get("config")).get("name")
    return value if isinstance(value, str) else None


def _shapes(config: Any, items: list[Row]) -> dict[str, Shape]:
    """Derives output shapes from what the next layers were built on."""
    found: dict[str, Shape] = {}
    for item, after in zip(items, [*items, {}][1:], strict=True):
        name = str(as_dict(item.get("config")).get("name"))
        shape = _own_shape(item)
        if shape is None and as_dict(config).get("class_name") == "Sequential":
            shape = as_dict(after.get("build_config")).get("input_shape")
        if isinstance(shape, list):
            found[name] = shape
    for tensor in objects(config):
        # A functional model notes the shape and origin of each tensor used.
        inner = as_dict(tensor.get("config"))
        origin, shape = inner.get("keras_history"), inner.get("shape")
        if isinstance(origin, list) and origin and isinstance(shape, list):
            found.setdefault(str(origin[0]), shape)
    return found


def _own_shape(item: Row) -> Shape | None:
    inner = as_dict(item.get("config"))
    built = as_dict(item.get("build_config")).get("input_shape")
    if isinstance(inner.get("batch_shape"), list):
        shape: Shape = inner["batch_shape"]
        return shape
    if item.get("class_name") == "Dense" and isinstance(built, list):
        return [*built[:-1], inner.get("units")]
    return None
