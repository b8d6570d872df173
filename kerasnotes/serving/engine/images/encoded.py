"""Images that a graph decodes: weighed, checked, made fit for it."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from kerasnotes.base.errors import DataError
from kerasnotes.data.readers.image import image_files
from kerasnotes.data.readers.image.images import decode_plain
from kerasnotes.data.readers.image.pixels import Form
from kerasnotes.serving.engine.datatypes import BYTES
from kerasnotes.serving.engine.described_data import read_spec
from kerasnotes.serving.engine.errors import ServingError, invalid
from kerasnotes.serving.engine.images.heads import (
    JPEG_START,
    PNG_START,
    Head,
    has_odd_depth,
    has_text,
    read_head,
    read_orientation,
    read_webp,
    without_text,
)
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.engine.offload import LARGE, offload
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import DEFAULT, SignatureInfo, Tensors

ENCODED = "encoded_image"
"""The signature that takes encoded images, and its input."""
ENCODED_INPUT = "image_bytes"
NO_IMAGE = "Expected an image, such as PNG, JPEG, TIFF, WebP, GIF or BMP."
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

    What the graph does not do is done here, as in training: photographs are
    turned upright, other formats than PNG and JPEG decoded. Chunks of text
    are taken out. Requests to other signatures are returned as they are.

    Args:
        servable: The version that is asked.
        signature: Name of the signature.
        tensors: From a request, in any protocol.
        limits: Of rows and pixels.

    Raises:
        ServingError: If one is no image, cannot be decoded although it must
            be, or cannot be brought to the model's range, or they are too
            large, or differ in size where the model does not bring them to
            one.
    """
    encoded = tensors.get(ENCODED_INPUT)
    if signature != ENCODED or encoded is None or encoded.dtype != object:
        return tensors
    if encoded.size > limits.max_rows:
        # Refused by the core, with all that is too long.
        return tensors
    images = encoded.ravel().tolist()
    left = limits.max_pixels
    for data in images:
        head = read_head(data)
        if head is not None:
            check_size(head, left)
            left -= head.pixels
    small = sum(map(len, images)) < LARGE
    if not small or any(map(_is_odd, images)):
        images = await offload(
            LARGE, _prepare_all, images, form_of(servable), limits.max_pixels
        )
    if not fixes_size(servable):
        _check_equal_sizes(images)
    prepared = np.empty(len(images), object)
    prepared[:] = images
    return {**tensors, ENCODED_INPUT: prepared.reshape(encoded.shape)}


def form_of(servable: Servable) -> Form:
    """Returns what images become for a model, as far as it is described."""
    spec = read_spec(servable.card)
    return Form() if spec is None else Form.of(spec)


def fixes_size(servable: Servable) -> bool:
    """Tells whether images of any size become images of one."""
    shape = image_shape(servable.signatures.get(DEFAULT))
    return shape is not None and None not in shape[:2]


def _check_equal_sizes(images: list[bytes]) -> None:
    heads = [head for head in map(read_head, images) if head]
    if len({head[:2] for head in heads}) > 1:
        raise unequal_sizes()


def unequal_sizes() -> ServingError:
    """Returns the error of images that cannot be put together."""
    return invalid("The images of one request must have one size.")


def _is_odd(data: bytes) -> bool:
    head = read_head(data)
    return (
        head is None
        or (data[:2] == JPEG_START and head.channels == 4)
        or has_text(data)
        or has_odd_depth(data)
        or read_orientation(data) != 1
    )


def _prepare_all(images: list[bytes], form: Form, left: int) -> list[bytes]:
    prepared = []
    for data in images:
        data = without_text(data) if has_text(data) else data
        if _is_odd(data):
            data, pixels = _redraw(data, form, left)
            left -= pixels
        prepared.append(data)
    return prepared


def _redraw(data: bytes, form: Form, left: int) -> tuple[bytes, int]:
    """Returns an image as the graph's decoder takes it, and its pixels."""
    with open_image(data, left) as image:
        pixels = image.width * image.height
        if image_files.bits_per_colour(image) > 8:
            raise _not_in_graph("colours of 16 bits")
        try:
            picture = decode_plain(image, Path("image"), form)
        except DataError as error:
            raise invalid(reason_of(error)) from error
    if picture.mode == "F":
        raise _not_in_graph("floating-point pixels")
    return to_png(picture), pixels


def _not_in_graph(what: str) -> ServingError:
    return invalid(
        f"An image of {what} has no place in `image_bytes`; send the file "
        "alone as the body, with Content-Type image/..."
    )


def reason_of(error: DataError) -> str:
    """Returns why an image cannot be used, for a client."""
    if isinstance(error, image_files.BadImageError):
        return "The image cannot be decoded."
    return f"The {error.message}"


def check_size(head: Head, max_pixels: int) -> None:
    """Raises a `ServingError` if a head tells of too many pixels."""
    if head.pixels > max_pixels:
        raise _too_large(head, max_pixels)


def _too_large(head: Head, max_pixels: int) -> ServingError:
    return invalid(
        f"Expected an image of at most {max_pixels} pixels, received "
        f"{head.width} x {head.height}."
    )


def open_image(data: bytes, max_pixels: int) -> Image.Image:
    """Opens an image of any format that is trained on; decodes nothing.

    Raises:
        ServingError: If it is none, or tells of too many pixels.
    """
    head = read_head(data) or read_webp(data)
    if head is not None:
        check_size(head, max_pixels)
    if has_text(data):
        data = without_text(data)
    try:
        image = Image.open(io.BytesIO(data), formats=_formats(data))
    except Exception as error:
        # Pillow's decoders share no narrower type for damaged files.
        raise invalid(NO_IMAGE) from error
    size = Head(image.width, image.height, 0)
    if size.pixels > max_pixels:
        image.close()
        raise _too_large(size, max_pixels)
    return image


def _formats(data: bytes) -> tuple[str, ...]:
    """Returns the formats to try: TGA is known by nothing but its end."""
    if data[-18:-2] == b"TRUEVISION-XFILE":
        return image_files.FORMATS
    return tuple(name for name in image_files.FORMATS if name != "TGA")


def to_png(image: Image.Image) -> bytes:
    """Returns an image as PNG."""
    buffer = io.BytesIO()
    # The lowest level: the next ones take twice the time for a few bytes.
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
