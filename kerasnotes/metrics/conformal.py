"""How far intervals are to be widened, so that they hold what they are to.

Of `n` examples that nothing was learned from, the score of each is how far
the truth lies outside, negative inside:

    E_i = max(low_i - y_i, y_i - high_i)

Ends moved outwards by the `ceil((n + 1) c)`-th smallest of them hold the next
truth with a probability of at least `c`, whatever the network.

Reference:
    Romano, Patterson & Candes, 2019, eqs. (6)-(8), theorem 1.
    https://arxiv.org/abs/1905.03222
"""

import math

import numpy as np

from kerasnotes.base.types import Array


def fewest(coverage: float) -> int:
    """Returns how many examples are needed at least: 19 for 0.95."""
    return math.ceil(round(coverage / (1 - coverage), 9))


def conformal_shift(
    truth: Array, low: Array, high: Array, coverage: float
) -> Array | None:
    """Returns how far both ends are moved outwards, `(K,)`; `None` of few.

    Args:
        truth: Array `(N, K)`.
        low: Lower ends, as many.
        high: Upper ends.
        coverage: Part that is to lie inside, between 0 and 1.

    Example:
        >>> import numpy as np
        >>> truth = np.arange(20.0)[:, None]
        >>> conformal_shift(truth, 0 * truth, 0 * truth, 0.5).item()
        10.0
    """
    count = len(truth)
    if count < fewest(coverage):
        return None
    scores = np.sort(np.maximum(low - truth, truth - high), axis=0)
    # Rounded: 20 * 0.95 is to be 19, not a little more.
    rank = math.ceil(round((count + 1) * coverage, 9))
    return np.asarray(scores[rank - 1], "float64")
