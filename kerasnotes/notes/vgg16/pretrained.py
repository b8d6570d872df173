"""Weights of `keras.applications.VGG16`, in a VGG16 of ours.

Theirs is told pixels in the order blue, green, red, less a mean each; ours
takes them as they are and subtracts the mean itself.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.data import fields
from kerasnotes.data.spec import Spec
from kerasnotes.notes.vgg16.config import VGG16Config

MEAN = (123.68, 116.779, 103.939)
"""Of ImageNet's red, green and blue, as `preprocess_input` has it."""


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
    count = source.get_layer("predictions").units
    if len(classes) != count:
        raise ValueError(
            f"`classes` must name {count} classes. Received: {len(classes)}"
        )
    image = fields.image(source.input_shape[1:], "uint8")
    spec = Spec("imagenet", (image,), (fields.one_class(classes),))
    return config, spec, MEAN, (1.0, 1.0, 1.0)


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
            kernel = np.flip(kernel, axis=2)
        model.get_layer(ours).set_weights([kernel, bias])
