"""From raw images to one vector of features each, by any body."""

from typing import Any

import keras
from keras import layers, ops

from kerasnotes.backends.keras_internals import fresh_names
from kerasnotes.base.types import Tensor
from kerasnotes.data.fields import Field
from kerasnotes.notes.backbone import bodies, hub
from kerasnotes.notes.backbone.config import STAGES, BackboneConfig
from kerasnotes.notes.backbone.efficientnet_lite import efficientnet_lite

COLOURS = 3


def features(x: Tensor, image: Field, config: BackboneConfig) -> Tensor:
    """Returns what the body says of each image, `(B, D)`.

    Args:
        x: Raw pixels `(B, H, W, C)`, of one channel or three.
        image: What they are.
        config: The body, and what it makes of pixels.
    """
    x = _prepare(x, image, config)
    # Keras numbers layers that have no name: always from the same number.
    with fresh_names():
        x = _body(x, config)
    pools: dict[int, Any] = {
        4: layers.GlobalAveragePooling2D,
        3: layers.GlobalAveragePooling1D,
    }
    pool = pools.get(len(x.shape))
    return x if pool is None else pool(name="pool")(x)


def _body(x: Tensor, config: BackboneConfig) -> Tensor:
    if config.lite:
        sizes = bodies.LITE[config.body]
        return efficientnet_lite(x, sizes, config.stages or STAGES)
    if config.architecture is not None:
        name = config.body.removeprefix(bodies.HUB)
        return hub.build(name, config.architecture)(x)
    return make_application(config.body, input_tensor=x, weights=None).output


def make_application(body: str, **options: Any) -> keras.Model:
    """Returns a network of `keras.applications` without its last layers."""
    make = getattr(keras.applications, body.removeprefix(bodies.APPLICATIONS))
    return make(include_top=False, **options)


def _prepare(x: Tensor, image: Field, config: BackboneConfig) -> Tensor:
    """Returns the images as the body was trained on them."""
    low, high = image.limits
    pixels = config.pixels
    if x.shape[-1] == 1:
        x = layers.Concatenate(name="colours")([x] * COLOURS)
    if config.resize is not None:
        x = layers.Resizing(config.resize, config.resize, name="resize")(x)
    if pixels.blue_first:
        x = ops.flip(x, axis=-1)
    unit = 255 / (high - low)
    return layers.Rescaling(
        scale=[unit * scale for scale in pixels.scale],
        offset=[
            offset - unit * low * scale
            for scale, offset in zip(pixels.scale, pixels.offset, strict=True)
        ],
        dtype="float32",
        name="preprocess",
    )(x)
