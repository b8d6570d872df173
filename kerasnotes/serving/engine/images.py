"""PNG and JPEG as requests and as answers.

Numbers in JSON take ten times the bytes of an image, and most of the time
of a small model.
"""

import asyncio
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from kerasnotes.base.errors import DataError
from kerasnotes.serving.engine.datatypes import BYTES
from kerasnotes.serving.engine.errors import Code, ServingError, invalid
from kerasnotes.serving.engine.image_heads import (
    JPEG_START,
    PNG_START,
    Head,
    has_text,
    read_head,
    read_orientation,
    without_text,
)
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import (
    DEFAULT,
    SignatureInfo,
    Tensors,
)

Array = np.ndarray[Any, Any]
ENCODED = "encoded_image"
"""The signature that takes encoded images, and its input."""
ENCODED_INPUT = "image_bytes"
FORMATS = ("PNG", "JPEG")
SMALL = 2**18
"""Bytes that are looked through faster than another thread is asked."""
STARTS = (PNG_START[:2], JPEG_START)


def weigh_encoded(tensors: Tensors, max_pixels: int) -> int:
    """Returns how many numbers the strings of a request will become.

    A few kilobytes can decode to gigabytes. Only heads are read, whatever
    the model: what others than `kn export` do with images is not known.

    Args:
        tensors: From a request, in any protocol, its rows counted before.
        max_pixels: Most pixels of all images together.

    Returns:
        Width x height x channels of each PNG or JPEG, the length of each
        other string; 0 for tensors without strings.

    Raises:
        ServingError: If the images are too large.
    """
    weight, left = 0, max_pixels
    for array in tensors.values():
        if array.dtype != object:
            continue
        for data in array.ravel().tolist():
            head = read_head(data) if data[:2] in STARTS else None
            if head is None:
                weight += len(data)
                continue
            width, height, channels = head
            left -= width * height
            if left < 0:
                raise _too_large(head, left + width * height)
            weight += width * height * channels
    return weight


async def prepare_encoded(
    signature: str, tensors: Tensors, limits: Limits
) -> Tensors:
    """Returns a request for an exported graph that decodes images.

    Photographs are turned upright, as in training and by `kn predict`, and
    chunks of text are taken out; graphs do neither. Requests to other
    signatures are returned as they are.

    Args:
        signature: Name of the signature.
        tensors: From a request, in any protocol.
        limits: Of rows and pixels.

    Raises:
        ServingError: If one is neither PNG nor JPEG, or cannot be decoded
            although it must be turned, or they are too large.
    """
    encoded = tensors.get(ENCODED_INPUT)
    if signature != ENCODED or encoded is None or encoded.dtype != object:
        return tensors
    if encoded.size > limits.max_rows:
        # Refused by the core, with all that is too long.
        return tensors
    found = encoded.ravel().tolist()
    left = limits.max_pixels
    for data in found:
        left -= _check(data, left).pixels
    small = sum(map(len, found)) < SMALL
    if small and not any(map(_is_odd, found)):
        return tensors
    prepared = np.empty(len(found), object)
    prepared[:] = await asyncio.to_thread(_prepare_all, found)
    return {**tensors, ENCODED_INPUT: prepared.reshape(encoded.shape)}


def _is_odd(data: bytes) -> bool:
    return has_text(data) or read_orientation(data) != 1


def _prepare_all(images: list[bytes]) -> list[bytes]:
    return [_prepare(data) for data in images]


def _prepare(data: bytes) -> bytes:
    if has_text(data):
        return without_text(data)
    if read_orientation(data) == 1:
        return data
    with _open(data) as image:
        try:
            turned = ImageOps.exif_transpose(image)
            return _to_png(turned.convert("L" if turned.mode == "L" else "RGB"))
        except Exception as error:
            # Pillow's decoders let anything out.
            raise invalid("The image cannot be decoded.") from error


def _check(data: bytes, max_pixels: int) -> Head:
    """Reads the head of an image.

    Raises:
        ServingError: If there is none, or it tells of too many pixels.
    """
    head = read_head(data)
    if head is None:
        raise invalid("Expected a PNG or JPEG image.")
    if head.pixels > max_pixels:
        raise _too_large(head, max_pixels)
    return head


def _too_large(head: Head, max_pixels: int) -> ServingError:
    return invalid(
        f"Expected an image of at most {max_pixels} pixels, received "
        f"{head.width} x {head.height}."
    )


def _open(data: bytes) -> Image.Image:
    """Opens an image whose size is checked; blocks, but inflates nothing.

    Raises:
        ServingError: If Pillow cannot.
    """
    if has_text(data):
        data = without_text(data)
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except Exception as error:
        # Pillow's decoders share no narrower type for damaged files.
        raise invalid("Expected a PNG or JPEG image.") from error


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
        raise invalid("The images of one request must have one size.")
    return signature, {info.name: np.stack(arrays)}


def image_shape(
    signature: SignatureInfo | None,
) -> tuple[int | None, ...] | None:
    """Returns `(H, W, C)` of a signature's images, `None` if it has none."""
    if signature is None or len(signature.inputs) != 1:
        return None
    (info,) = signature.inputs.values()
    if info.dtype == BYTES or info.shape is None or len(info.shape) != 4:
        return None
    return info.shape[1:] if info.shape[3] in (1, 3) else None


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
    _check(data, max_pixels)
    with _open(data) as opened:
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
        classes = chances[0].argmax(axis=-1)
        if chances.shape[-1] <= 256:
            return encode(classes.astype(np.uint8))
    return None


def encode(array: Array) -> bytes:
    """Returns an array `(H, W)` or `(H, W, 3)` of bytes as PNG."""
    return _to_png(Image.fromarray(array))


def _to_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    # The lowest level: the next ones take twice the time for a few bytes.
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
