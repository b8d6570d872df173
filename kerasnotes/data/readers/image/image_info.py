"""What an image file's header says, and whether the file is whole."""

import dataclasses
import os
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.image.image_files import (
    FLOAT,
    GREY,
    WIDE,
    bad_image,
    bits_per_colour,
    open_image,
    read_orientation,
)
from kerasnotes.data.readers.image.images import read_form
from kerasnotes.data.readers.image.pixels import Form

_TAIL = 4096
_END = {"PNG": b"IEND", "JPEG": b"\xff\xd9"}


@dataclasses.dataclass(frozen=True)
class ImageInfo:
    """What an image's header says.

    Args:
        size: Height and width as shown, pixels.
        channels: 1 or 3, as `read_form` returns them.
        dtype: NumPy name of the values, as `read_form` returns them.
        pages: Frames or pages.
        cut: Whether 16 bits per colour are read as the upper 8, which is
            all that Pillow reads of a colour PNG.
        alpha: Whether pixels may be transparent.
        orientation: As EXIF counts: 1 is upright.
    """

    size: tuple[int, int]
    channels: int
    dtype: str
    pages: int = 1
    cut: bool = False
    alpha: bool = False
    orientation: int = 1


def probe(path: Path) -> ImageInfo:
    """Reads the header, and finds files that were cut off.

    A whole PNG or JPEG ends in its end marker; a file that does not is
    decoded, so that none is refused for bytes after the picture.

    Raises:
        DataError: If the file cannot be used.
    """
    with open_image(path) as image:
        marker = _END.get(image.format or "")
        if marker and marker not in tail(path):
            read_form(path, Form())
        # Of a TIFF, Pillow tells the size as shown.
        orientation = read_orientation(image)
        turned = image.format != "TIFF" and orientation >= 5
        size = (image.width, image.height) if turned else image.size[::-1]
        return ImageInfo(
            size=(size[0], size[1]),
            channels=1 if image.mode in {**GREY, **WIDE, **FLOAT} else 3,
            dtype=_dtype(image),
            pages=count_pages(image, path),
            cut=image.format == "PNG" and _is_cut(image),
            alpha=image.mode not in WIDE and image.has_transparency_data,
            orientation=orientation,
        )


def tell_pages(
    found: Iterable[tuple[str, ImageInfo]], problems: Problems
) -> None:
    """Tells of files of several pages, of which one would be used.

    Args:
        found: Names and headers.
        problems: Told of each.
    """
    for name, info in found:
        if info.pages > 1:
            problems.add("several pages", name, describe_pages(info.pages))


def describe_pages(pages: int) -> str:
    """Says why a file of several pages is not used, and what to do."""
    return (
        f"{pages} pages or frames, and one picture a file is read: save each "
        "as a file of its own (`tiffsplit`, or docs/data.md), masks in step"
    )


def tail(path: Path) -> bytes:
    """Returns the last bytes of a file."""
    with open(path, "rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
        return file.read()


def _dtype(image: Image.Image) -> str:
    if bits_per_colour(image) > 8:
        return "uint16"
    return {**GREY, **WIDE, **FLOAT}.get(image.mode, "uint8")


def count_pages(image: Image.Image, path: Path) -> int:
    """Returns how many pages or frames an opened file has.

    Raises:
        DataError: If the file is damaged.
    """
    if image.format == "MPO":
        # A telephone's JPEG, with a preview or a depth map behind it.
        return 1
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception as error:
        # Counting pages walks through the file, damaged or not.
        raise bad_image(path, str(error) or type(error).__name__) from None


def _is_cut(image: Image.Image) -> bool:
    return image.mode in ("RGB", "RGBA", "LA") and ";16" in str(
        getattr(image, "tile", "")
    )
