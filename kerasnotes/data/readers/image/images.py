"""Image files to arrays, whatever a folder may hold under an image's name."""

from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.readers.image import pixels
from kerasnotes.data.readers.image.image_files import (
    FLOAT,
    WIDE,
    bits_per_colour,
    decode,
    open_image,
    read_orientation,
    read_tiff,
)
from kerasnotes.data.readers.image.pixels import Form
from kerasnotes.data.spec import Spec


def read_form(path: Path, form: Form) -> Array:
    """Decodes an image file and brings it to a form.

    Returns:
        Array `(H, W, C)`, raw values.

    Raises:
        DataError: If the file cannot be decoded, or has pixels of a kind
            that cannot be brought to the form.
    """
    with open_image(path) as image:
        return bring(image, path, form)


def bring(
    image: Image.Image, source: Path | BinaryIO, form: Form, name: str = ""
) -> Array:
    """Decodes an opened image, brings it to a form, and closes it.

    Args:
        image: Opened, not decoded yet.
        source: What it was opened from.
        form: What it becomes.
        name: What messages call it; by default the source.

    Returns:
        Array `(H, W, C)`, raw values.

    Raises:
        DataError: If it cannot be decoded, or brought to the form.
    """
    path = Path(name or str(source))
    if bits_per_colour(image) > 8:
        check_fit(path, "uint16", form)
        colours = read_tiff(source, path, read_orientation(image))
        return pixels.deep_colours(colours, form)
    picture = decode_plain(image, path, form)
    array = pixels.to_array(picture, form.size)
    picture.close()  # a large one is not held twice
    return pixels.finish(array, form)


def decode_plain(image: Image.Image, path: Path, form: Form) -> Image.Image:
    """Decodes an opened image, upright and without transparency.

    It is changed in place, or closed for another one: use what is returned.

    A JPEG that will be resized is decoded to a smaller size, which is several
    times faster. Other pixels come out: for every door, or for none.

    Raises:
        DataError: If it cannot be decoded, or brought to the form.
    """
    if form.size is not None:
        image.draft(None, (2 * form.size[1], 2 * form.size[0]))
    whole = decode(image, path)
    picture = pixels.plain(whole)
    if picture is not whole:
        whole.close()
    check_fit(path, pixels.value_type(picture), form)
    return picture


def check_fit(path: Path, dtype: str, form: Form) -> None:
    """Raises a `DataError` if pixels of a type cannot be brought to a form."""
    reason = pixels.misfit(dtype, form)
    if reason is not None:
        raise DataError(
            f"{path} {reason}.",
            expected=f"{form.dtype} images, as in training",
            received=f"pixels of {dtype}",
            hint="convert the images as the training images were",
        )


def read_gaps(path: Path, size: tuple[int, int]) -> Array:
    """Returns where the pixels of `read_input` are transparent.

    A pixel is one if any that it is made of has less than full opacity:
    resizing mixes neighbours.

    Returns:
        Array `(H, W)` of `size`, boolean.

    Raises:
        DataError: If the file cannot be decoded.
    """
    with open_image(path) as image:
        whole = decode(image, path)
        deep = whole.mode in WIDE or whole.mode in FLOAT
        if deep or not whole.has_transparency_data:
            return np.zeros(size, bool)
        alpha = np.asarray(whole.convert("RGBA").getchannel("A"))
    opaque = Image.fromarray((alpha == 255).astype("float32"))
    gaps: Array = np.abs(pixels.to_array(opaque, size)[..., 0] - 1) > 1e-3
    return gaps


def read_input(path: Path, spec: Spec) -> Array:
    """Reads a file as the data room reads one: an input for a prediction.

    Args:
        path: The image.
        spec: What the model was trained on. A fixed shape without a mask as
            target means: the centred part of that form, resized.

    Returns:
        Array `(H, W, C)`, raw values.

    Raises:
        DataError: If the file cannot be read.
    """
    if spec.input.shape[-1] not in (None, 1, 3):
        raise DataError(
            f"{path} cannot be read as an input of {spec.input.shape[-1]} "
            "channels.",
            expected="a model of grey or colour images",
            received=f"spec.input.shape={spec.input.shape}",
        )
    return read_form(path, Form.of(spec))
