"""PNG and JPEG that a graph decodes: weighed, checked, made fit for it."""

import io

import numpy as np
from PIL import Image, ImageOps

from kerasnotes.serving.engine.datatypes import BYTES
from kerasnotes.serving.engine.errors import ServingError, invalid
from kerasnotes.serving.engine.images.heads import (
    JPEG_START,
    PNG_START,
    Head,
    has_text,
    read_head,
    read_orientation,
    without_text,
)
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.engine.offload import LARGE, offload
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import DEFAULT, SignatureInfo, Tensors

ENCODED = "encoded_image"
"""The signature that takes encoded images, and its input."""
ENCODED_INPUT = "image_bytes"
FORMATS = ("PNG", "JPEG")
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


async def prepare_encoded(
    servable: Servable, signature: str, tensors: Tensors, limits: Limits
) -> Tensors:
    """Returns a request for an exported graph that decodes images.

    Photographs are turned upright, as in training and by `kn predict`, and
    chunks of text are taken out; graphs do neither. Requests to other
    signatures are returned as they are.

    Args:
        servable: The version that is asked.
        signature: Name of the signature.
        tensors: From a request, in any protocol.
        limits: Of rows and pixels.

    Raises:
        ServingError: If one is neither PNG nor JPEG, or cannot be decoded
            although it must be turned, or they are too large, or differ in
            size where the model does not bring them to one.
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
        left -= check_head(data, left).pixels
    if not fixes_size(servable) and len(set(map(_size, found))) > 1:
        raise unequal_sizes()
    small = sum(map(len, found)) < LARGE
    if small and not any(map(_is_odd, found)):
        return tensors
    prepared = np.empty(len(found), object)
    prepared[:] = await offload(LARGE, _prepare_all, found)
    return {**tensors, ENCODED_INPUT: prepared.reshape(encoded.shape)}


def fixes_size(servable: Servable) -> bool:
    """Tells whether images of any size become images of one."""
    shape = image_shape(servable.signatures.get(DEFAULT))
    return shape is not None and None not in shape[:2]


def _size(data: bytes) -> tuple[int, int]:
    """Returns height and width of an image once it is upright."""
    head = read_head(data)
    sides = (head.height, head.width) if head else (0, 0)
    return sides[::-1] if read_orientation(data) > 4 else sides


def unequal_sizes() -> ServingError:
    """Returns the error of images that cannot be put together."""
    return invalid("The images of one request must have one size.")


def _is_odd(data: bytes) -> bool:
    return has_text(data) or read_orientation(data) != 1


def _prepare_all(images: list[bytes]) -> list[bytes]:
    return [_prepare(data) for data in images]


def _prepare(data: bytes) -> bytes:
    if has_text(data):
        return without_text(data)
    if read_orientation(data) == 1:
        return data
    with open_image(data) as image:
        try:
            turned = ImageOps.exif_transpose(image)
            return to_png(turned.convert("L" if turned.mode == "L" else "RGB"))
        except Exception as error:
            # Pillow's decoders let anything out.
            raise invalid("The image cannot be decoded.") from error


def check_head(data: bytes, max_pixels: int) -> Head:
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


def open_image(data: bytes) -> Image.Image:
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


def to_png(image: Image.Image) -> bytes:
    """Returns an image as PNG."""
    buffer = io.BytesIO()
    # The lowest level: the next ones take twice the time for a few bytes.
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
