"""Resizing of 16 bits a channel, which Pillow does in floating point only.

Pillow's arithmetic for 8 bits, in more bits: whole weights, across first,
then down, rounded in between. Sums of them are exact in float64, so that
every program finds the same numbers.

Reference:
    Pillow, src/libImaging/Resample.c: `precompute_coeffs`,
    `normalize_coeffs_8bpc`.
"""

import numpy as np

from kerasnotes.data.dataset import Array

ONE = 2.0**22
"""The weight 1."""
REACH = 2.0
"""Of the bicubic kernel, pixels to either side."""


def resize(
    array: Array, part: tuple[float, float], size: tuple[int, int]
) -> Array:
    """Returns the centred part of an image, resized bicubically.

    Args:
        array: `(H, W, C)`, whole numbers of at most 16 bits.
        part: Height and width of the part, pixels.
        size: Height and width of the result.

    Returns:
        Array `(height, width, C)` of the same type.
    """
    down, across = (
        weights(whole, (whole - length) / 2, length, count)
        for whole, length, count in zip(array.shape, part, size, strict=False)
    )
    most = np.iinfo(array.dtype).max
    values = array.astype("float64")
    narrow = _round(np.einsum("ow,hwc->hoc", across, values), most)
    result = _round(np.einsum("oh,hwc->owc", down, narrow), most)
    return result.astype(array.dtype)


def _round(sums: Array, most: int) -> Array:
    rounded: Array = np.clip(np.floor(sums / ONE + 0.5), 0, most)
    return rounded


def weights(size: int, start: float, length: float, count: int) -> Array:
    """Returns what each of `size` pixels counts in each of `count` new ones.

    Args:
        size: Pixels of the side.
        start: Where the part begins.
        length: How long it is.
        count: New pixels.

    Returns:
        Array `(count, size)`, whole numbers; rows sum to about `ONE`.
    """
    # Pillow takes the part's edges, and their distance, as float32.
    first, last = np.float32(start), np.float32(start + length)
    scale = float(last - first) / count
    stretch = max(scale, 1.0)
    centre = float(first) + (np.arange(count) + 0.5) * scale
    centre, place = centre[:, None], np.arange(size)[None]
    raw = _bicubic((place - centre + 0.5) * (1 / stretch))
    met = (place >= np.floor(centre - REACH * stretch + 0.5)) & (
        place < np.floor(centre + REACH * stretch + 0.5)
    )
    raw = raw * met
    scaled = raw / raw.sum(axis=1, keepdims=True) * ONE
    whole: Array = np.where(
        scaled < 0, np.ceil(scaled - 0.5), np.floor(scaled + 0.5)
    )
    return whole


def _bicubic(x: Array) -> Array:
    """Returns Keys' kernel with a = -1/2."""
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * -0.5
    kernel: Array = np.where(x < 1, near, np.where(x < 2, far, 0.0))
    return kernel
