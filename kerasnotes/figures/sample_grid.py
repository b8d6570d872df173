"""Generated images as 8-bit pictures, one by one or tiled, and as PNG."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from kerasnotes.base.files import replacing
from kerasnotes.base.types import Array

LEGIBLE = 48
"""Smaller images are enlarged to about this side in a grid, pixels."""
GAP = 2
PAPER = 255


def to_bytes(values: Array, limits: tuple[float, float]) -> Array:
    """Returns raw images as 8-bit pictures, one range for all.

    Args:
        values: Raw pixels `(..., H, W, C)`.
        limits: Raw values shown as black and white; beyond is clipped.

    Returns:
        Array `(..., H, W)`, grey, or `(..., H, W, 3)`, colour, uint8. Of two
        channels the first is shown, of more than three the first three.
    """
    low, high = limits
    scaled = (np.asarray(values, "float64") - low) / max(high - low, 1e-12)
    scaled = np.nan_to_num(np.clip(scaled, 0.0, 1.0))
    pixels: Array = np.rint(255.0 * scaled).astype("uint8")
    return pixels[..., :3] if pixels.shape[-1] >= 3 else pixels[..., 0]


def tile(pictures: Array, columns: int, enlarge: bool = True) -> Array:
    """Lays pictures of one size side by side, row after row.

    Args:
        pictures: Array `(N, H, W)` or `(N, H, W, 3)`, uint8, N >= 1.
        columns: How many in a row.
        enlarge: Whether small ones are shown larger, in whole multiples.

    Returns:
        One picture, `(H', W')` or `(H', W', 3)`, uint8.
    """
    factor = max(1, LEGIBLE // max(pictures.shape[1:3])) if enlarge else 1
    pictures = pictures.repeat(factor, axis=1).repeat(factor, axis=2)
    count, height, width = pictures.shape[:3]
    columns = min(columns, count)
    rows = -(-count // columns)
    size = (rows * (height + GAP) + GAP, columns * (width + GAP) + GAP)
    sheet = np.full((*size, *pictures.shape[3:]), PAPER, "uint8")
    for number, picture in enumerate(pictures):
        row, column = divmod(number, columns)
        top, left = row * (height + GAP) + GAP, column * (width + GAP) + GAP
        sheet[top : top + height, left : left + width] = picture
    return sheet


def grid_columns(count: int, labels: Array | None, classes: int) -> int:
    """Returns how many columns show `count` pictures well.

    Classes in turn get a column each; else the grid is about square.
    """
    in_turn = labels is not None and len(np.unique(labels)) > 1
    if in_turn and classes <= 20:
        return min(count, classes)
    return int(np.ceil(np.sqrt(count)))


def save_png(
    picture: Array, path: Path, text: Mapping[str, str] | None = None
) -> None:
    """Writes a picture as PNG, whole or not at all.

    Args:
        picture: `(H, W)` or `(H, W, 3)`, uint8.
        path: Where to.
        text: What is written into the file beside the picture.

    Raises:
        StorageError: If the file cannot be written.
    """
    chunks = PngInfo()
    for key, value in (text or {}).items():
        chunks.add_itxt(key, value)
    with replacing(path) as part:
        Image.fromarray(picture).save(part, format="PNG", pnginfo=chunks)


def save_gif(
    pictures: list[Array],
    path: Path,
    *,
    milliseconds: int = 180,
    last: int = 1500,
) -> None:
    """Writes pictures as an endless GIF, whole or not at all.

    Args:
        pictures: Equal sizes, uint8.
        path: Where to.
        milliseconds: How long each is shown.
        last: How long the last is shown, milliseconds.

    Raises:
        StorageError: If the file cannot be written.
    """
    frames = [Image.fromarray(picture) for picture in pictures]
    durations = [milliseconds] * (len(frames) - 1) + [last]
    with replacing(path) as part:
        frames[0].save(
            part,
            format="GIF",
            save_all=True,
            append_images=frames[1:],
            duration=durations,
            loop=0,
        )
