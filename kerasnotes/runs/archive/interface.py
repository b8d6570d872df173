"""What a Keras model takes and answers, read from its configuration.

Only what the file itself says: shapes as they were noted when the layers
were built, the last activation, the loss. No framework is imported.
"""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

from kerasnotes.runs.archive.config_json import objects
from kerasnotes.runs.archive.layer_list import as_dict, listed

Shape = tuple[int | None, ...]
Item = dict[str, Any]

OTHER = "other"
"""An activation that is not one of Keras' functions."""
_SAME = {"Activation", "Softmax", "Sigmoid", "Dropout", "Identity"}
"""Layers whose output has the shape of their input."""
_POOLS = {"GlobalAveragePooling2D", "GlobalMaxPooling2D"}
_PASSED_OVER = {"Dropout", "Identity", "UpSampling2D", "Cropping2D"}
"""Layers after which probabilities are still probabilities."""


@dataclasses.dataclass(frozen=True)
class Interface:
    """What goes into a model and what comes out.

    Args:
        inputs: Shape of each input, without the batch; `None` where a size
            is free, `()` where nothing is said.
        outputs: How many there are.
        output: Shape of the first output, without the batch; `None` where
            the file does not tell.
        activation: Name of the last function: `softmax`, `linear`.
        loss: Name of the loss it was trained with, if it says so.
        from_logits: Whether that loss takes logits.
        kinds: Class names of all layers, and of what they are made of.
        stride: What the sides of an image are divided by, at most.
    """

    inputs: tuple[Shape, ...]
    outputs: int
    output: Shape | None
    activation: str
    loss: str | None
    from_logits: bool
    kinds: frozenset[str]
    stride: int


def read_interface(config: Item) -> Interface | None:
    """Reads what `config.json` says of a Sequential or functional model.

    Returns:
        `None` for a model that lists no layers: a class of its own.
    """
    if not listed(config):
        return None
    inner = as_dict(config.get("config"))
    sequential = config.get("class_name") == "Sequential"
    loss, from_logits = _loss(as_dict(config.get("compile_config")).get("loss"))
    return Interface(
        inputs=tuple(_inputs(config)),
        outputs=1 if sequential else len(_names(inner.get("output_layers"))),
        output=_output(_backwards(config)),
        activation=_activation(_backwards(config)),
        loss=loss,
        from_logits=from_logits,
        kinds=frozenset(str(item["class_name"]) for item in objects(inner)),
        stride=_stride(inner),
    )


def _inputs(config: Item) -> Iterator[Shape]:
    inner = as_dict(config.get("config"))
    layers = [as_dict(item) for item in listed(config)]
    if config.get("class_name") == "Sequential":
        noted = as_dict(layers[0].get("config")).get("batch_shape")
        yield _shape(noted or inner.get("build_input_shape")) or ()
        return
    by_name = {str(item.get("name")): item for item in layers}
    for name in _names(inner.get("input_layers")):
        layer = as_dict(by_name.get(name, {}).get("config"))
        yield _shape(layer.get("batch_shape")) or ()


def _names(value: Any) -> list[str]:
    """Returns the layers in `["a", 0, 0]`, or in a list or dict of such."""
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list) or not value:
        return []
    if isinstance(value[0], str):
        return [value[0]]
    return [name for inner in value for name in _names(inner)]


def _shape(value: Any) -> Shape | None:
    """Returns `[null, 8, 8, 1]` as `(8, 8, 1)`; `None` for anything else."""
    if not isinstance(value, list) or len(value) < 2:
        return None
    whole = all(size is None or type(size) is int for size in value)
    return tuple(value[1:]) if whole else None


def _backwards(config: Item) -> Iterator[Item]:
    """Yields the layers that lead to the first output, the last one first.

    Models inside the model are opened.
    """
    layers = [as_dict(item) for item in listed(config)]
    if config.get("class_name") == "Sequential":
        path: Iterable[Item] = reversed(layers)
    else:
        ends = _names(as_dict(config.get("config")).get("output_layers"))
        path = _path(layers, ends[0] if ends else "")
    for item in path:
        if listed(item):
            yield from _backwards(item)
        else:
            yield item


def _path(layers: list[Item], end: str) -> Iterator[Item]:
    """Yields one way through the graph, back from the layer called `end`."""
    by_name = {str(item.get("name")): item for item in layers}
    # Each layer once: a file made to harm may have a circle.
    while (item := by_name.pop(end, None)) is not None:
        yield item
        history = _origin(item).get("keras_history")
        end = str(history[0]) if isinstance(history, list) and history else ""


def _origin(item: Item) -> Item:
    """Returns what a functional model notes of a layer's input."""
    for tensor in objects(item.get("inbound_nodes")):
        inner = as_dict(tensor.get("config"))
        if "keras_history" in inner:
            return inner
    return {}


def _output(layers: Iterator[Item]) -> Shape | None:
    item = next(layers, None)
    if item is None:
        return None
    noted = as_dict(item.get("build_config")).get("input_shape")
    given = _shape(noted) or _shape(_origin(item).get("shape"))
    kind = item.get("class_name")
    if kind in _SAME:
        return given or _output(layers)
    inner = as_dict(item.get("config"))
    if given is None:
        return None
    if kind == "Dense":
        return _shape([None, *given[:-1], inner.get("units")])
    if kind in _POOLS and not inner.get("keepdims"):
        return given[-1:]
    keeps = inner.get("padding") == "same" or inner.get("kernel_size") == [1, 1]
    if kind == "Conv2D" and keeps and inner.get("strides") == [1, 1]:
        return _shape([None, *given[:-1], inner.get("filters")])
    return None


def _activation(layers: Iterator[Item]) -> str:
    for item in layers:
        kind = str(item.get("class_name"))
        name = as_dict(item.get("config")).get("activation")
        if kind in ("Softmax", "Sigmoid"):
            return kind.lower()
        if kind in _PASSED_OVER or (kind, name) == ("Activation", "linear"):
            continue
        return name if isinstance(name, str) else OTHER if name else "linear"
    return "linear"


def _loss(value: Any) -> tuple[str | None, bool]:
    """Returns a loss' name, and whether it takes logits."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, str) or not isinstance(value, dict):
        return (value if isinstance(value, str) else None), False
    if "class_name" not in value:
        # Losses by the output's name.
        return _loss(next(iter(value.values()), None))
    inner = value.get("config")
    if isinstance(inner, str):
        return inner, False
    return str(value["class_name"]), as_dict(inner).get("from_logits") is True


def _stride(config: Item) -> int:
    """Returns the product of all strides: exact along one path of layers."""
    found = 1
    for item in objects(config):
        strides = as_dict(item.get("config")).get("strides")
        sizes = strides if isinstance(strides, list) else [strides]
        if "Transpose" not in str(item["class_name"]):
            whole = [size for size in sizes if type(size) is int and size > 0]
            found *= max(whole, default=1)
    return found
