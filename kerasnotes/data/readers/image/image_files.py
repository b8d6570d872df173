"""Opening image files of every kind with Pillow, and its limits."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, TiffImagePlugin, UnidentifiedImageError

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array

FORMATS = (
    "PNG",
    "JPEG",
    "TIFF",
    "BMP",
    "GIF",
    "WEBP",
    "PPM",
    "JPEG2000",
    "AVIF",
    "TGA",
    "PCX",
)
"""Raster formats. Pillow also opens PostScript, by running Ghostscript."""

MAX_PIXELS = 178_956_970
"""Most pixels of one image: above it a file is taken for a bomb."""

# We look at the header's size ourselves, before anything is decoded.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class BadImageError(DataError):
    """One image file that cannot be used; `reason` without the path."""

    reason = ""


# Pillow's modes of one channel, and the type they are read as.
GREY = {"1": "uint8", "L": "uint8", "LA": "uint8", "La": "uint8"}
WIDE = {"I;16": "uint16", "I;16B": "uint16", "I;16L": "uint16"}
FLOAT = {"I": "float32", "F": "float32"}


def suffixes() -> frozenset[str]:
    """Returns the file name suffixes taken for images, in lower case."""
    known = Image.registered_extensions()
    return frozenset(s for s, name in known.items() if name in FORMATS)


def open_image(path: Path) -> Image.Image:
    """Opens an image, decoding nothing yet.

    Raises:
        DataError: If the file is not an image, or claims too many pixels.
    """
    try:
        image = Image.open(path, formats=FORMATS)
    except Image.DecompressionBombError:
        raise _too_large(path, "") from None
    except UnidentifiedImageError:
        raise bad_image(path, "not an image, whatever its name says") from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise bad_image(path, str(error)) from None
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        # Pillow 13 maps a file that has a name into memory, by the size of
        # the turned picture: one that lies on its side comes out garbled.
        image.filename = ""
    if image.width * image.height > MAX_PIXELS:
        size = f"{image.width}x{image.height}"
        image.close()
        raise _too_large(path, size)
    return image


def decode(image: Image.Image, path: Path) -> Image.Image:
    """Decodes an opened image and turns it upright; returns the same image.

    Only EXIF is believed: Pillow also looks into texts, which servers take
    out unread, since they may inflate to anything.

    Raises:
        DataError: If the data are damaged or cut off.
    """
    try:
        image.load()
        forget_texts(image)
        ImageOps.exif_transpose(image, in_place=True)
    except Exception as error:
        # Pillow's decoders let anything out, struct.error included.
        raise bad_image(path, str(error) or type(error).__name__) from None
    return image


def forget_texts(image: Image.Image) -> None:
    """Takes out the texts in which Pillow looks for an orientation."""
    for key in ("xmp", "XML:com.adobe.xmp", "Raw profile type exif"):
        image.info.pop(key, None)


def read_orientation(image: Image.Image) -> int:
    """Returns the EXIF orientation of an opened image, 1 to 8."""
    forget_texts(image)
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:
        # A damaged EXIF block is no reason to lose the picture.
        return 1


def bits_per_colour(image: Image.Image) -> int:
    """Returns the bits of a colour TIFF, which Pillow would cut to 8."""
    tags = getattr(image, "tag_v2", None)
    if tags is None or image.mode != "RGB":
        return 8
    bits = tags.get(258, (8,))
    return int(max(bits) if isinstance(bits, tuple) else bits)


_TURNED: dict[int, Callable[[Array], Array]] = {
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: np.rot90(a),
}
"""How to turn an array `(H, W, ...)` upright, by EXIF orientation."""


def read_tiff(source: Path | BinaryIO, path: Path, orientation: int) -> Array:
    """Returns a 16-bit colour TIFF as `(H, W, 3)`, uint16, upright."""
    import tifffile

    try:
        if not isinstance(source, Path):
            source.seek(0)
        array: Array = tifffile.imread(source, key=0)
    except Exception as error:
        raise bad_image(path, str(error)) from None
    if array.ndim != 3 or array.shape[-1] not in (3, 4):
        raise bad_image(path, f"a TIFF of shape {array.shape}")
    turn = _TURNED.get(orientation)
    colours = array[..., :3]
    upright: Array = colours if turn is None else turn(colours)
    return upright.astype("uint16")


def bad_image(path: Path, reason: str) -> BadImageError:
    """Explains why an image file cannot be used."""
    reason = reason.rstrip(".")
    error = BadImageError(
        f"{path} cannot be read: {reason}.",
        expected="a whole image file that Pillow can read",
        received=str(path),
        hint="replace or remove the file",
    )
    error.reason = reason
    return error


def _too_large(path: Path, size: str) -> BadImageError:
    received = size or "a header above Pillow's limit"
    error = BadImageError(
        f"{path} claims more pixels than any image may have.",
        expected=f"at most {MAX_PIXELS:,} pixels",
        received=received,
        hint="cut the image into tiles, or remove the file",
    )
    error.reason = f"claims more than {MAX_PIXELS:,} pixels ({received})"
    return error
