"""Tables whose columns are the pixels of pictures, told: they stay tables."""

import math
import re
from collections.abc import Sequence

import numpy as np

from kerasnotes.data.dataset import Dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.reading import read_batch, spread

SMALLEST = 8
"""Pixels of a picture's side, at least."""
LOOKED = 200
"""Rows looked at."""
_NUMBERED = re.compile(r"(.*?)(\d+)")
_PLACED = re.compile(r"\d+[x_]\d+")
"""`28x28`, as Kaggle's MNIST calls its last pixel."""


def tell_pictures(data: Dataset, problems: Problems) -> None:
    """Notes that the columns of a table look like the pixels of pictures.

    Whole brightnesses up to 255 in columns that are numbered one after the
    other, as many as a square has pixels, of one channel or of three.

    Args:
        data: As it was read.
        problems: Told, with what to do.
    """
    field = data.spec.input
    if field.kind != "table" or field.categorical or not len(data.train):
        return
    count = len(field.names) or int(field.shape[0] or 0)
    side, channels = _square(count)
    if not side or not _are_numbered(field.names):
        return
    x, _ = read_batch(data.train, spread(len(data.train), LOOKED))
    low, high = float(x.min()), float(x.max())
    if low < 0 or not 1 < high <= 255 or (x != np.rint(x)).any():
        return
    shape = f"(-1, {side}, {side}, {channels})"
    other = (
        f"; if red, green and blue follow each other, (-1, 3, {side}, {side})"
    )
    problems.note(
        f"The {count:,} columns look like pictures of {side}x{side} pixels in "
        f"{channels} channel{'s' * (channels > 1)}, and are read as a table. "
        "As pictures: numpy.savez('pictures.npz', x=rows.reshape"
        f"{shape}, y=labels){other * (channels > 1)}."
    )


def _square(count: int) -> tuple[int, int]:
    """Returns the side and channels of square pictures; zeros if none fit."""
    for channels in (1, 3):
        side = math.isqrt(count // channels)
        if side >= SMALLEST and channels * side * side == count:
            return side, channels
    return 0, 0


def _are_numbered(names: Sequence[str]) -> bool:
    """Returns whether columns have no names, or are numbered in turn."""
    if all(map(_PLACED.fullmatch, names)):
        return True
    found = [_NUMBERED.fullmatch(name) for name in names]
    parts = [match.groups() for match in found if match is not None]
    if len(parts) < len(names):
        return False
    numbers = [int(number) for _, number in parts]
    stems = {stem for stem, _ in parts}
    return len(stems) == 1 and all(
        b - a == 1 for a, b in zip(numbers, numbers[1:], strict=False)
    )
