"""What the networks of `keras.applications` share: their data, their colours.

They are told pixels in the order blue, green, red, less a mean each; ours
take them as they are and subtract the mean themselves.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data import fields
from kerasnotes.data.spec import Spec

MEAN = (123.68, 116.779, 103.939)
"""Of ImageNet's red, green and blue, as `preprocess_input` has it."""
VARIANCE = (1.0, 1.0, 1.0)


def describe(source: Any, classes: Sequence[str]) -> Spec:
    """Returns what a classifier of theirs was made for.

    Args:
        source: The model, its last layer included.
        classes: Names of its classes, in their order.

    Raises:
        ValueError: If it has another number of classes.
    """
    count = source.get_layer("predictions").units
    if len(classes) != count:
        raise ValueError(
            f"`classes` must name {count} classes. Received: {len(classes)}"
        )
    image = fields.image(source.input_shape[1:], "uint8")
    return Spec("imagenet", (image,), (fields.one_class(classes),))


def red_first(kernel: Array) -> Array:
    """Returns a first kernel `(H, W, 3, K)` that is told red first."""
    return np.flip(kernel, axis=2)
