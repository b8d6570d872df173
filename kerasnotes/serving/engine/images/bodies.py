"""Image files as requests and as answers.

Numbers in JSON take ten times the bytes of an image, and most of the time
of a small model.
"""

import io
from typing import Any

import numpy as np
from PIL import Image

from kerasnotes.base.errors import DataError
from kerasnotes.data.readers.image.images import bring
from kerasnotes.data.readers.image.pixels import Form
from kerasnotes.serving.engine.errors import Code, ServingError, invalid
from kerasnotes.serving.engine.images.encoded import (
    ENCODED,
    ENCODED_INPUT,
    form_of,
    image_shape,
    open_image,
    reason_of,
    to_png,
    unequal_sizes,
)
from kerasnotes.serving.engine.images.heads import read_head
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import (
    DEFAULT,
    SignatureInfo,
    TensorInfo,
    Tensors,
)

Array = np.ndarray[Any, Any]


def read_images(
    images: list[bytes], servable: Servable, max_pixels: int
) -> tuple[SignatureInfo, Tensors]:
    """Returns what to ask a model about encoded images.

    Args:
        images: A file of any format that is trained on, each.
        servable: The version that is asked.
        max_pixels: Most pixels of all of them together.

    Returns:
        The signature that takes encoded images, if the model has it and
        they are PNG and JPEG; else the default one, with the images decoded.

    Raises:
        ServingError: If the model takes no images, or one cannot be read.
    """
    coded = servable.signatures.get(ENCODED)
    if coded is not None and list(coded.inputs) == [ENCODED_INPUT]:
        shape = image_shape(servable.signatures.get(DEFAULT))
        if shape is None or all(map(read_head, images)):
            encoded = np.empty(len(images), object)
            encoded[:] = images
            return coded, {ENCODED_INPUT: encoded}
    return decode_images(images, servable, max_pixels)


def decode_images(
    images: list[bytes], servable: Servable, max_pixels: int
) -> tuple[SignatureInfo, Tensors]:
    """Returns encoded images as a request for the default signature.

    Args:
        images: A file of any format that is trained on, each.
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
    form = _form(servable, info, shape)
    each = max_pixels // len(images)
    arrays = [decode(data, form, each) for data in images]
    if len({array.shape for array in arrays}) > 1:
        raise unequal_sizes()
    stacked = np.empty((len(arrays), *arrays[0].shape), info.np_dtype)
    for place in reversed(stacked):
        place[...] = arrays.pop()  # never all of them twice
    return signature, {info.name: stacked}


def _form(
    servable: Servable, info: TensorInfo, shape: tuple[int | None, ...]
) -> Form:
    """Returns the form of a model's images, described or by its signature."""
    form = form_of(servable)
    if form.dtype is not None:
        return form
    height, width, channels = shape
    size = (height, width) if height and width else None
    limits = servable.card.get("limits")
    if limits and info.dtype == "float32":
        return Form(size, channels, info.dtype, tuple(limits))
    return Form(size, channels)


def decode(data: bytes, form: Form, max_pixels: int) -> Array:
    """Returns an image as training, `kn eval` and `kn predict` read it.

    Args:
        data: A file of any format that is trained on.
        form: What it becomes.
        max_pixels: Most pixels.

    Returns:
        Array `(H, W, C)`, raw values.

    Raises:
        ServingError: If it cannot be read, or is too large.
    """
    with open_image(data, max_pixels) as image:
        try:
            return bring(image, io.BytesIO(data), form, "image")
        except DataError as error:
            raise invalid(reason_of(error)) from error


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
