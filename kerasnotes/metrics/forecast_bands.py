"""Bands around forecasts, of the errors on data that were not trained on.

At every row ahead the band holds so many of the errors of the validation
part, one among them more, as split conformal prediction takes them:

    [f + e_(floor((n + 1) a / 2)),  f + e_(ceil((n + 1) (1 - a / 2)))]

with errors `e` in their order and `a` what may lie outside. Windows overlap,
and the future may differ from the past: what it holds is measured.

Reference:
    Vovk, Gammerman & Shafer, 2005, Algorithmic learning in a random world,
    section 2.2. Hyndman & Athanasopoulos, 2021, section 5.5.
    https://otexts.com/fpp3/prediction-intervals.html
"""

import math
from collections.abc import Sequence

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.fields import BAND, Column

FEW = 20
"""Errors below which there are no bands."""


def band_of(errors: Array, level: float = BAND) -> tuple[Array, Array] | None:
    """Returns what is added to a forecast, `(H, K)` twice; `None` of few.

    Args:
        errors: Truth less forecast, `(N, H, K)`.
        level: Part of them inside.
    """
    count = len(errors)
    if count < FEW:
        return None
    ordered = np.sort(errors, axis=0)
    # Rounded: 40 * 0.05 is to be 2, not a little less.
    outside = math.floor(round((count + 1) * (1 - level) / 2, 6))
    low = max(0, outside - 1)
    high = count - 1 - low
    return ordered[low], ordered[high]


def bands(columns: Sequence[Column]) -> tuple[Array, Array] | None:
    """Returns what columns tell of their bands, `(H, K)` twice; or `None`."""
    if not all(column.low and column.high for column in columns):
        return None
    low, high = (
        np.array([getattr(column, end) for column in columns]).T
        for end in ("low", "high")
    )
    return low, high


class BandTally:
    """How many rows lie in their bands, and how wide those are.

    Args:
        columns: What is forecast, with bands.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.ends = bands(columns)
        self.deviations = np.array([column.deviation for column in columns])
        self.inside, self.count = 0, 0

    def add(self, truth: Array, answer: Array) -> None:
        """Counts forecasts `(B, H, K)` of `truth`, as large; raw units."""
        if self.ends is None:
            return
        error = truth.astype("float64") - answer
        within = (self.ends[0] <= error) & (error <= self.ends[1])
        self.inside += int(within.sum())
        self.count += within.size

    def scores(self) -> dict[str, float]:
        """Returns `band_coverage`, and `band_width` in deviations."""
        if self.ends is None or not self.count:
            return {}
        low, high = self.ends
        return {
            "band_coverage": self.inside / self.count,
            "band_width": float(((high - low) / self.deviations).mean()),
        }
