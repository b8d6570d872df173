"""Can the nearest neighbour tell samples from data? 0.5: no; 1: always.

Both sets are thrown together, and every point is given the set of its
nearest neighbour among all others. Below 0.5 the points of a set keep away
from each other and sit on those of the other: samples copied from the data.

Reference:
    Lopez-Paz & Oquab, 2017, section 3. https://arxiv.org/abs/1610.06545
    Xu et al., 2018, section 2.4. https://arxiv.org/abs/1806.07755
"""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from kerasnotes.base.types import Array


def two_sample_accuracy(
    a: Array, b: Array, rng: np.random.Generator | None = None
) -> float:
    """Returns the leave-one-out accuracy of the 1-NN classifier.

    The larger set is cut to the size of the smaller one: with unequal sizes
    chance is no longer 0.5.

    Args:
        a: Samples `(N, D)`.
        b: Samples `(M, D)`.
        rng: Picks the rows of the larger set; `default_rng(0)` if left out.

    Raises:
        ValueError: If the columns differ, or a set is empty.
    """
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1]:
        raise ValueError(
            "`a` and `b` must be (N, D) with equal D. Received: "
            f"a.shape={a.shape}, b.shape={b.shape}"
        )
    rng = rng or np.random.default_rng(0)
    size = min(len(a), len(b))
    points = np.concatenate([pick(a, size, rng), pick(b, size, rng)])
    owner = np.repeat([0, 1], size)
    index = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(points)
    # Without an argument no point is its own neighbour.
    nearest = index.kneighbors(return_distance=False)[:, 0]
    return float(np.mean(owner[nearest] == owner))


def pick(x: Array, size: int, rng: np.random.Generator) -> Array:
    """Returns at most `size` rows, drawn without repetition, in order."""
    if len(x) <= size:
        return x
    return x[np.sort(rng.choice(len(x), size, replace=False))]
