"""Mask files: one value per pixel, as it is stored or as it is seen."""

import dataclasses
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image

from kerasnotes.data.dataset import Array
from kerasnotes.data.masks.mask_survey import Survey, survey
from kerasnotes.data.masks.mask_suspicions import EDGE
from kerasnotes.data.masks.mask_values import pack_colour
from kerasnotes.data.readers.image.image_files import (
    BadImageError,
    bad_image,
    decode,
    open_image,
)
from kerasnotes.data.readers.image.image_info import count_pages, describe_pages
from kerasnotes.data.readers.masks.mask_alpha import (
    Alpha,
    read_alpha,
    what_alpha_is,
)

WHITE = 0xFFFFFF
RINGING = 12
"""Grey values by which JPEG moves the pixels of one region, about."""
_UNSEEN = 2**24
"""Values of more than 8 bits have no colour; from here on they stand apart."""


@dataclasses.dataclass(frozen=True)
class Way:
    """How all masks of a set are read.

    Args:
        kind: `stored`: a palette's index, a grey value, a packed colour if
            a file has any. `grey`: the grey value that a viewer sees.
            `colour`: the packed colour that a viewer sees. `alpha`: the
            opacity.
        soft: Whether grey values in between are kept as they are.
    """

    kind: Literal["stored", "grey", "colour", "alpha"] = "stored"
    soft: bool = False


STORED = Way()


@dataclasses.dataclass(frozen=True)
class MaskContent:
    """What one mask file holds.

    Args:
        shape: Height and width, pixels.
        survey: Of the stored values.
        seen: The colour `0xRRGGBB` that a viewer shows for each of them.
        palette: Whether the values are the indices of a palette.
        coloured: Whether the values are colours, not all of them grey.
        alpha: What opacity tells.
        lossy: Whether it is a JPEG.
    """

    shape: tuple[int, ...]
    survey: Survey
    seen: dict[int, int]
    palette: bool
    coloured: bool
    alpha: Alpha
    lossy: bool


def read_mask(path: Path, way: Way = STORED) -> Array:
    """Decodes a mask to raw values.

    Args:
        path: The file.
        way: How the masks of its set are read.

    Returns:
        Array `(H, W)`, unsigned or int32.

    Raises:
        DataError: If the file cannot be read as a mask.
    """
    with open_image(path) as image:
        lossy = image.format == "JPEG"
        image = decode(image, path)
        if way.kind == "alpha":
            return read_alpha(image, path)
        if way.kind == "colour":
            return pack_colour(_rgb(image))
        if way.kind == "grey":
            raw = _grey(image, path)
        else:
            raw = _stored(image, path, lossy)
    return _clean_jpeg(raw, path) if _ringing(raw, lossy, way) else raw


def look(path: Path, name: str, way: Way = STORED) -> MaskContent:
    """Decodes a mask whole and returns what it holds.

    Args:
        path: The file.
        name: What messages call it.
        way: How its values are stored; `soft` matters.

    Raises:
        DataError: If the file cannot be read as a mask.
    """
    with open_image(path) as image:
        pages = count_pages(image, path)
        if pages > 1:
            raise bad_image(path, describe_pages(pages))
        lossy = image.format == "JPEG"
        image = decode(image, path)
        raw = _stored(image, path, lossy)
        coloured = raw.dtype == np.int32 and image.mode not in ("I", "F")
        indexed = image.mode in ("1", "P")
        alpha = what_alpha_is(image)
        colours = _palette(image) if indexed else {}
    if _ringing(raw, lossy, way):
        raw = _clean_jpeg(raw, path)
    found = survey(name, raw)
    seen = {v: colours.get(v, _shown(v)) for v in found.counts}
    return MaskContent(raw.shape, found, seen, indexed, coloured, alpha, lossy)


def _stored(image: Image.Image, path: Path, lossy: bool) -> Array:
    if image.mode in ("1", "P"):
        return np.asarray(image).astype("uint8")
    if image.mode in ("LA", "La"):
        image = image.convert("L")
    if image.mode == "L":
        return np.asarray(image)
    if image.mode.startswith("I;16"):
        return np.asarray(image).astype("uint16")
    if image.mode == "I":
        return np.asarray(image).astype("int32")
    if image.mode == "F":
        return _whole(np.asarray(image), path)
    colours = _rgb(image)
    if _is_grey(colours, lossy):
        return colours[..., 0]
    return pack_colour(colours)


def _grey(image: Image.Image, path: Path) -> Array:
    """Returns brightness; values of more than 8 bits stay as they are."""
    if image.mode.startswith("I") or image.mode == "F":
        return _stored(image, path, lossy=False)
    if image.mode in ("1", "L", "LA"):
        return np.asarray(image.convert("L"))
    return np.asarray(Image.fromarray(_rgb(image)).convert("L"))


def _rgb(image: Image.Image) -> Array:
    """Returns colours `(H, W, 3)`, whatever their opacity."""
    if image.mode == "P":
        # Pillow warns of palettes with opacity on the straight way.
        image = image.convert("RGBA")
    return np.asarray(image.convert("RGB"))


def _palette(image: Image.Image) -> dict[int, int]:
    """Returns the colour `0xRRGGBB` of each index."""
    if image.mode == "1":
        return {0: 0, 1: WHITE}
    colours = np.array(image.getpalette("RGB") or (), "uint8").reshape(-1, 3)
    return dict(enumerate(pack_colour(colours).tolist()))


def _shown(value: int) -> int:
    if value < 0:
        return value
    return value * 0x010101 if value < 256 else _UNSEEN + value


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


def _ringing(raw: Array, lossy: bool, way: Way) -> bool:
    return lossy and not way.soft and raw.dtype == np.uint8


def _has_regions(raw: Array, between: Array) -> bool:
    """Returns whether grey pixels fill regions, as those of a class do."""
    grey = raw.astype("int16")
    alike = [
        np.abs(grey[:-1, :-1] - other) <= RINGING
        for other in (grey[1:, :-1], grey[:-1, 1:], grey[1:, 1:])
    ]
    corner = between[:-1, :-1]
    level = corner & alike[0] & alike[1] & alike[2]
    return bool(level.sum() > EDGE * max(1, corner.sum()))


def _clean_jpeg(raw: Array, path: Path) -> Array:
    """Undoes JPEG's ringing round the edges of a black and white mask."""
    near = (raw <= 32) | (raw >= 223)
    if raw.max(initial=0) <= 1:
        return raw
    if near.mean() < 0.9 or _has_regions(raw, ~near):
        error = BadImageError(
            f"{path} is a JPEG that is not black and white.",
            expected="PNG or TIFF for masks of more than two classes",
            received="grey values that JPEG has blurred",
            hint="--threshold 128 makes two classes, by brightness",
        )
        error.reason = (
            "a JPEG mask that is not black and white: use PNG, or "
            "--threshold 128, which makes two classes"
        )
        raise error
    return np.where(raw > 127, 255, 0).astype("uint8")
