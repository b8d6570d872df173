"""What intervals are worth: how much they hold, and how wide they are.

With `c` what they are to hold and `a = 1 - c`, of each example

    width           high - low
    interval score  width + 2/a max(low - y, 0) + 2/a max(y - high, 0)

The interval score is least, on average, where the ends are the `a / 2` and
the `1 - a / 2` quantiles of the truth. One number of coverage and width is
`cmsc` (`losses/coverage_width.py`).

Reference:
    Gneiting & Raftery, 2007, eq. (43) (interval score).
    https://doi.org/10.1198/016214506000001437
"""

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.losses.coverage_width import coverage_width

QUARTERS = 4


def interval_scores(
    truth: Array, low: Array, high: Array, coverage: float
) -> dict[str, float]:
    """Returns the scores of one value's intervals, by name.

    Args:
        truth: Array `(N,)`.
        low: Lower ends, as many.
        high: Upper ends.
        coverage: What they are to hold, between 0 and 1.

    Returns:
        `coverage`, `mean_width` and `interval_score` in raw units, `cmsc`,
        `relative_width` (the mean width in ranges of the truth).

    Example:
        >>> import numpy as np
        >>> y = np.array([0.0, 1.0, 2.0, 5.0])
        >>> found = interval_scores(y, y - 1, np.minimum(y + 1, 4), 0.5)
        >>> found["coverage"], found["interval_score"]
        (0.75, 2.5)
    """
    width = high - low
    outside = np.maximum(low - truth, 0) + np.maximum(truth - high, 0)
    held = float(inside(truth, low, high).mean())
    score = width + 2 / (1 - coverage) * outside
    spread = float(np.ptp(truth)) or 1.0
    column = truth[:, None], low[:, None], high[:, None]
    return {
        "coverage": held,
        "mean_width": float(width.mean()),
        "relative_width": float(width.mean()) / spread,
        "interval_score": float(score.mean()),
        "cmsc": coverage_width(*column, coverage).item(),
    }


def inside(truth: Array, low: Array, high: Array) -> Array:
    """Returns which truths lie within, ends included."""
    return np.asarray((low <= truth) & (truth <= high))


def width_error_correlation(
    truth: Array, value: Array, low: Array, high: Array
) -> float:
    """Returns Spearman's rank correlation of widths and absolute errors.

    `nan` where all are as wide, or as wrong: wide intervals then say nothing.
    """
    from scipy.stats import spearmanr

    width, error = high - low, np.abs(truth - value)
    if np.ptp(width) == 0 or np.ptp(error) == 0:
        return float("nan")
    return float(spearmanr(width, error).statistic)


def by_quarter(held: Array, column: Array) -> Array:
    """Returns the coverage in each quarter of an input, `(4,)`.

    Quarters have as many examples, about, in the order of the input.

    Args:
        held: Which truths lie within, `(N,)`, bool; 4 or more.
        column: The input, `(N,)`.
    """
    order = np.argsort(column, kind="stable")
    parts = np.array_split(held[order], QUARTERS)
    return np.array([part.mean() for part in parts])
