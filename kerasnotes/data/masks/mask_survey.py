"""What one mask holds: its values, how much of each, and in what shape."""

import dataclasses
from typing import Any

import numpy as np

from kerasnotes.data.dataset import Array

FEW, MOST = 3, 4096
"""Pieces are counted of masks with more values than the one, fewer than the
other."""

SIDE = 256
"""Masks are thinned out to about this side before pieces are counted."""


@dataclasses.dataclass(frozen=True)
class Survey:
    """The values of one mask.

    Args:
        name: What messages call the mask.
        counts: Pixels of each value.
        level: Of these, pixels whose right and lower neighbours are equal:
            many inside of a region, few along an edge.
        pieces: Connected regions of each value; empty where the mask holds
            too few values to be asked.
    """

    name: str
    counts: dict[int, int]
    level: dict[int, int]
    pieces: dict[int, int]

    def without(self, value: int | None) -> "Survey":
        """Returns the survey of the pixels that do not hold `value`."""
        if value is None or value not in self.counts:
            return self
        kept = [
            {v: n for v, n in known.items() if v != value}
            for known in (self.counts, self.level, self.pieces)
        ]
        return Survey(self.name, *kept)


def survey(name: str, mask: Array) -> Survey:
    """Returns what a mask holds.

    Args:
        name: What messages call it.
        mask: Whole numbers or booleans `(H, W)`, or `(H, W, 1)`.
    """
    mask = mask.reshape(mask.shape[:2])
    corner = mask[:-1, :-1]
    level = (corner == mask[1:, :-1]) & (corner == mask[:-1, 1:])
    counts = _count(mask)
    asked = FEW < len(counts) < MOST
    return Survey(
        name,
        counts,
        _count(corner[level]),
        _count_pieces(mask) if asked else {},
    )


def _count(values: Array) -> dict[int, int]:
    if values.dtype in ("uint8", "uint16"):
        totals = np.bincount(values.reshape(-1))
        known = np.flatnonzero(totals)
        totals = totals[known]
    else:
        known, totals = np.unique(values, return_counts=True)
    return dict(zip(map(int, known), totals.tolist(), strict=True))


def _count_pieces(mask: Array) -> dict[int, int]:
    # Half a second to import, and most sets have too few values to need it.
    from skimage import measure

    label: Any = measure.label
    step = max(1, max(mask.shape) // SIDE)
    mask = mask[::step, ::step]
    background = int(mask.min()) - 1
    regions = label(mask.astype("int64"), background=background, connectivity=2)
    _, first = np.unique(regions, return_index=True)
    return _count(mask.reshape(-1)[first])
