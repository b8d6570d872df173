"""One number of coverage and width, for searches that need no gradient.

With `c` the part of the truths that intervals are to hold, `p` what they do,
`R` the range of the truths, and `g` 1 where `p < c`, else 0,

    cmsc = sqrt(mean(width^2)) / R * (1 + g exp(-50 (p - c)))

Reference:
    Cao et al., 2024 (a coverage and mean square criterion, CMSC).
    https://doi.org/10.3390/aerospace11090770
    Khosravi et al., 2011; Quan et al., 2014 (the penalty and the root of
    squared widths). https://doi.org/10.1109/TNN.2010.2096824
    https://doi.org/10.1109/TNNLS.2013.2276053

Departs from it:
    - The form is that of the latter two: the text of Cao et al. was not at
      hand.
"""

import numpy as np

from kerasnotes.base.types import Array

PENALTY = 50.0
"""How fast it grows below the coverage that is wanted."""


def coverage_width(
    truth: Array, low: Array, high: Array, coverage: float
) -> Array:
    """Returns `cmsc` of each value, `(..., K)`; less is better.

    Args:
        truth: Array `(N, K)`.
        low: Lower ends `(..., N, K)`.
        high: Upper ends, as many.
        coverage: What they are to hold, between 0 and 1.

    Example:
        >>> import numpy as np
        >>> y = np.array([[0.0], [1.0], [2.0], [4.0]])
        >>> coverage_width(y, y - 1, y + 1, 0.9).item()
        0.5
    """
    held = ((low <= truth) & (truth <= high)).mean(axis=-2)
    spread = np.ptp(truth, axis=0)
    root = np.sqrt(np.square(high - low).mean(axis=-2))
    short = np.where(held < coverage, np.exp(-PENALTY * (held - coverage)), 0)
    return np.asarray(root / np.where(spread > 0, spread, 1.0) * (1 + short))
