"""Weights of `keras.applications.VGG16`, in a VGG16 of ours."""

from collections.abc import Sequence
from typing import Any

from kerasnotes.layers import applications
from kerasnotes.notes.vgg16.config import VGG16Config


def settings(source: Any, classes: Sequence[str]) -> tuple[Any, ...]:
    """Returns config, spec, mean and variance for the same network.

    Args:
        source: A `keras.applications.VGG16` with its dense layers.
        classes: Names of its classes, in their order.

    Raises:
        ValueError: If it is another network, or has other classes.
    """
    stages = [source.get_layer(f"block{b}_conv1") for b in range(1, 6)]
    dense = [source.get_layer(name).units for name in ("fc1", "fc2")]
    config = VGG16Config.model_validate(
        {"filters": [layer.filters for layer in stages], "dense": dense}
    )
    spec = applications.describe(source, classes)
    return config, spec, applications.MEAN, applications.VARIANCE


def copy_weights(source: Any, model: Any) -> None:
    """Copies the weights of `source` into a model of `settings`."""
    names = {
        f"block{block}_conv{number}": f"stage{block}_conv{number}"
        for block, count in enumerate(model.note_config.blocks, start=1)
        for number in range(1, count + 1)
    }
    names |= {"fc1": "dense1", "fc2": "dense2", "predictions": "logits"}
    for theirs, ours in names.items():
        kernel, bias = source.get_layer(theirs).get_weights()
        if theirs == "block1_conv1":
            kernel = applications.red_first(kernel)
        model.get_layer(ours).set_weights([kernel, bias])
