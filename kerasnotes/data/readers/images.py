"""Image files to arrays, whatever a folder may hold under an image's name."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.readers.image_files import (
    FLOAT,
    GREY,
    WIDE,
    BadImageError,
    bits_per_colour,
    decode,
    open_image,
    read_tiff,
    suffixes,
)
from kerasnotes.data.spec import Spec

__all__ = [
    "BadImageError",
    "read_gaps",
    "read_image",
    "read_input",
    "read_square",
    "suffixes",
]


def read_image(path: Path, channels: int | None = None) -> Array:
    """Decodes an image, turned as its EXIF orientation says.

    Args:
        path: The file.
        channels: 1 or 3; by default what the file holds.

    Returns:
        Array `(H, W, C)`, `uint8`, `uint16` or `float32`, raw values.

    Raises:
        DataError: If the file cannot be decoded.
    """
    with open_image(path) as image:
        if bits_per_colour(image) > 8:
            return _match_channels(read_tiff(path), channels)
        return to_array(decode(image, path), channels)


def to_array(image: Image.Image, channels: int | None) -> Array:
    """Returns a decoded image as `(H, W, C)`."""
    if image.mode in GREY:
        array = np.asarray(image.convert("L"))
    elif image.mode in WIDE:
        array = np.asarray(image).astype("uint16")
    elif image.mode in FLOAT:
        array = np.asarray(image, dtype="float32")
    else:
        array = np.asarray(image.convert("RGB"))
    return _match_channels(array, channels)


def _match_channels(array: Array, channels: int | None) -> Array:
    """Repeats grey to colour; colour becomes grey by ITU-R 601-2 luma."""
    array = array[..., None] if array.ndim == 2 else array
    if channels is None or channels == array.shape[-1]:
        return array
    if channels == 3:
        return np.repeat(array, 3, axis=-1)
    grey = array.astype("float32") @ np.array([0.299, 0.587, 0.114], "float32")
    if array.dtype.kind == "u":
        grey = np.rint(grey)
    converted: Array = grey.astype(array.dtype)[..., None]
    return converted


def fit_square(image: Image.Image, side: int) -> Image.Image:
    """Returns the largest centred square, resized to `side` pixels."""
    if image.mode == "P":
        image = image.convert("RGB")
    elif image.mode in ("1", "LA", "La"):
        image = image.convert("L")
    elif image.mode in WIDE:
        image = Image.fromarray(np.asarray(image).astype("float32"))
    return ImageOps.fit(image, (side, side), Image.Resampling.BICUBIC)


def _fit_deep(colours: Array, side: int) -> Array:
    """Does for 16-bit colours what `fit_square` does for images."""
    planes = np.moveaxis(colours.astype("float32"), -1, 0)
    fitted = [fit_square(Image.fromarray(plane), side) for plane in planes]
    return np.stack([np.asarray(plane) for plane in fitted], axis=-1)


def read_square(path: Path, side: int, channels: int, dtype: str) -> Array:
    """Decodes the centred square of an image at `(side, side, channels)`.

    Raises:
        DataError: If the file cannot be decoded.
    """
    with open_image(path) as image:
        # JPEG decodes to a smaller size several times faster than whole.
        image.draft(None, (2 * side, 2 * side))
        if bits_per_colour(image) > 8:
            array = _match_channels(_fit_deep(read_tiff(path), side), channels)
        else:
            whole = decode(image, path)
            array = to_array(fit_square(whole, side), channels)
    if dtype.startswith("uint"):
        array = np.clip(np.rint(array), 0, np.iinfo(dtype).max)
    return array.astype(dtype)


def read_gaps(path: Path, side: int) -> Array:
    """Returns where `read_square` meets transparent pixels.

    A pixel is one if any that it is made of has less than full opacity:
    resizing mixes neighbours.

    Returns:
        Array `(side, side)`, boolean.

    Raises:
        DataError: If the file cannot be decoded.
    """
    with open_image(path) as image:
        whole = decode(image, path)
        deep = whole.mode in WIDE or whole.mode in FLOAT
        if deep or not whole.has_transparency_data:
            return np.zeros((side, side), bool)
        alpha = np.asarray(whole.convert("RGBA").getchannel("A"))
    opaque = Image.fromarray((alpha == 255).astype("float32"))
    fitted = np.asarray(fit_square(opaque, side))
    gaps: Array = np.abs(fitted - 1) > 1e-3
    return gaps


def read_input(path: Path, spec: Spec) -> Array:
    """Reads a file as the data room reads one: an input for a prediction.

    Args:
        path: The image.
        spec: What the model was trained on. A fixed shape with a class as
            target means: centred square of that size.

    Returns:
        Array `(H, W, C)`, raw values.

    Raises:
        DataError: If the file cannot be read.
    """
    channels = spec.shape[-1]
    if channels is not None and channels not in (1, 3):
        raise DataError(
            f"{path} cannot be read as an input of {channels} channels.",
            expected="a model of grey or colour images",
            received=f"spec.shape={spec.shape}",
        )
    if spec.target != "mask" and spec.shape[0] is not None:
        if spec.shape[0] != spec.shape[1]:
            raise DataError(
                "Only square inputs are read from image files.",
                received=f"spec.shape={spec.shape}",
            )
        return read_square(path, spec.shape[0], channels or 3, spec.dtype)
    return read_image(path, channels)
