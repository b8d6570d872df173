"""PNG and JPEG as requests and as answers.

Numbers in JSON take ten times the bytes of an image, and most of the time
of a small model.
"""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from kerasnotes.base.errors import DataError
from kerasnotes.serving.engine.errors import Code, ServingError, invalid
from kerasnotes.serving.engine.images.encoded import (
    ENCODED,
    ENCODED_INPUT,
    check_head,
    image_shape,
    open_image,
    to_png,
    unequal_sizes,
)
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import DEFAULT, SignatureInfo, Tensors

Array = np.ndarray[Any, Any]


def read_images(
    images: list[bytes], servable: Servable, max_pixels: int
) -> tuple[SignatureInfo, Tensors]:
    """Returns what to ask a model about encoded images.

    Args:
        images: PNG or JPEG each.
        servable: The version that is asked.
        max_pixels: Most pixels of all of them together.

    Returns:
        The signature that takes encoded images, if the model has it; else
        the default one, with the images decoded.

    Raises:
        ServingError: If the model takes no images, or one cannot be read.
    """
    signature = servable.signatures.get(ENCODED)
    if signature is not None and list(signature.inputs) == [ENCODED_INPUT]:
        encoded = np.empty(len(images), object)
        encoded[:] = images
        return signature, {ENCODED_INPUT: encoded}
    return decode_images(images, servable, max_pixels)


def decode_images(
    images: list[bytes], servable: Servable, max_pixels: int
) -> tuple[SignatureInfo, Tensors]:
    """Returns encoded images as a request for the default signature.

    Args:
        images: PNG or JPEG each.
        servable: The version that is asked.
        max_pixels: Most pixels of all of them together.

    Raises:
        ServingError: If the model takes no images, or one cannot be read.
    """
    signature = servable.signatures.get(DEFAULT)
    shape = image_shape(signature)
    if signature is None or shape is None:
        raise ServingError(
            Code.UNSUPPORTED_MEDIA_TYPE,
            f"The model {servable.name} takes no images: send JSON.",
        )
    (info,) = signature.inputs.values()
    limits = servable.card.get("limits")
    arrays = []
    for data in images:
        array = decode(data, shape, max_pixels // len(images))
        arrays.append(_scale(array, limits).astype(info.np_dtype))
    if len({array.shape for array in arrays}) > 1:
        raise unequal_sizes()
    return signature, {info.name: np.stack(arrays)}


def decode(
    data: bytes, shape: tuple[int | None, ...], max_pixels: int
) -> Array:
    """Returns an image as `kn predict` hands it to a model.

    Args:
        data: PNG or JPEG.
        shape: `(H, W, C)`; where H and W are given, the centred part of
            that form is resized to them.
        max_pixels: Most pixels.

    Returns:
        Array `(H, W, C)`, values from 0 to 255.

    Raises:
        ServingError: If it cannot be read, or is too large.
    """
    from kerasnotes.data.readers import image_files
    from kerasnotes.data.readers.images import fit_square, to_array

    height, width, channels = shape
    check_head(data, max_pixels)
    with open_image(data) as opened:
        try:
            image = image_files.decode(opened, Path("image"))
        except DataError as error:
            raise invalid("The image cannot be decoded.") from error
        if height and width and image.size != (width, height):
            if height != width:
                raise invalid(
                    f"Expected an image of {width} x {height} pixels, "
                    f"received {image.size[0]} x {image.size[1]}."
                )
            image = fit_square(image, height)
        return to_array(image, channels)


def _scale(array: Array, limits: Any) -> Array:
    """Maps values of an image to the range that a model was trained on."""
    highest = 65535.0 if array.dtype == np.uint16 else 255.0
    low, high = limits if limits else (0.0, highest)
    if (low, high) == (0.0, highest):
        return array
    return low + array.astype(np.float32) * ((high - low) / highest)


def picture(outputs: Tensors) -> bytes | None:
    """Returns an answer as one PNG, `None` if it is not one image.

    What a model encodes is sent as it is; probabilities of the classes of
    each pixel become a mask of class numbers.
    """
    encoded = [
        array
        for name, array in outputs.items()
        if name.endswith("_bytes") and array.dtype == object
    ]
    if len(encoded) == 1 and encoded[0].shape == (1,):
        return bytes(encoded[0][0])
    chances = outputs.get("probabilities")
    if chances is not None and chances.ndim == 4 and len(chances) == 1:
        if chances.shape[-1] <= 256:
            return encode(to_classes(chances[0]))
    return None


def to_classes(probabilities: Array) -> Array:
    """Returns each pixel's most probable class, `(..., K)` to `(...)`."""
    kind = np.uint8 if probabilities.shape[-1] <= 256 else np.uint16
    classes: Array = probabilities.argmax(axis=-1).astype(kind)
    return classes


def encode(array: Array) -> bytes:
    """Returns an array `(H, W)` or `(H, W, 3)` of bytes as PNG."""
    return to_png(Image.fromarray(array))
