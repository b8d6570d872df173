"""Mask files: one class value per pixel, however they were saved."""

from pathlib import Path

import numpy as np
from PIL import Image

from kerasnotes.data.dataset import Array
from kerasnotes.data.mask_values import pack_colour
from kerasnotes.data.readers.image_files import (
    BadImageError,
    decode,
    open_image,
)


def read_mask(path: Path) -> tuple[Array, bool]:
    """Decodes a mask to raw values.

    A palette image gives its indices. A colour image whose channels are
    equal gives the grey value, any other the packed colour `0xRRGGBB`.

    Returns:
        Array `(H, W)`, unsigned or int32, and whether the values are colours.

    Raises:
        DataError: If the file cannot be read as a mask.
    """
    with open_image(path) as image:
        form = image.format
        mode = image.mode
        if mode == "P":
            # The palette's indices: turning or converting would lose them.
            image.load()
            return np.asarray(image), False
        image = decode(image, path)
        raw, coloured = _values(image, path)
    if form == "JPEG" and not coloured:
        raw = _clean_jpeg(raw, path)
    return raw, coloured


def _values(image: Image.Image, path: Path) -> tuple[Array, bool]:
    if image.mode == "1":
        return np.asarray(image).astype("uint8"), False
    if image.mode in ("LA", "La"):
        image = image.convert("L")
    if image.mode == "L":
        return np.asarray(image), False
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype("uint16"), False
    if image.mode == "I":
        return np.asarray(image).astype("int32"), False
    if image.mode == "F":
        return _whole(np.asarray(image), path), False
    colours = np.asarray(image.convert("RGB"))
    if _is_grey(colours, image.format == "JPEG"):
        return colours[..., 0], False
    return pack_colour(colours), True


def _is_grey(colours: Array, lossy: bool) -> bool:
    spread = colours.max(axis=-1).astype("int16") - colours.min(axis=-1)
    return bool(spread.max(initial=0) <= (8 if lossy else 0))


def _whole(values: Array, path: Path) -> Array:
    if not np.isfinite(values).all() or (values != np.rint(values)).any():
        error = BadImageError(
            f"{path} is not a mask.",
            expected="whole numbers, one class each",
            received="numbers with fractions, or NaN",
        )
        error.reason = "a mask with fractions or NaN"
        raise error
    return values.astype("int32")


def _clean_jpeg(raw: Array, path: Path) -> Array:
    """Undoes JPEG's ringing round the edges of a black and white mask."""
    near = (raw <= 32) | (raw >= 223)
    if raw.max(initial=0) <= 1:
        return raw
    if near.mean() < 0.9:
        error = BadImageError(
            f"{path} is a JPEG that is not black and white.",
            expected="PNG or TIFF for masks of more than two classes",
            received="grey values that JPEG has blurred",
        )
        error.reason = "a JPEG mask that is not black and white: use PNG"
        raise error
    return np.where(raw > 127, 255, 0).astype("uint8")
