"""Improved precision and recall: are samples real, is all of reality there?

A set's manifold is the union of balls around its points, each as wide as the
distance to the point's k-th nearest neighbour in the set. Precision is the
share of samples on the manifold of the data, recall the share of the data on
the manifold of the samples.

Reference:
    Kynkäänniemi et al., 2019, eqs. (1) and (2), algorithm 1; k = 3.
    https://arxiv.org/abs/1904.06991
"""

import numpy as np
from sklearn.metrics import pairwise_distances_chunked
from sklearn.neighbors import NearestNeighbors

from kerasnotes.base.types import Array

NEIGHBOURS = 3


def precision_recall(
    samples: Array, real: Array, neighbours: int = NEIGHBOURS
) -> tuple[float, float]:
    """Returns precision and recall, each in `[0, 1]`.

    Args:
        samples: Features `(N, D)`.
        real: Features `(M, D)`. Use as many as samples: both numbers depend
            on the sizes.
        neighbours: Which neighbour sets a ball's radius.

    Raises:
        ValueError: If a set has no k-th neighbour, or columns differ.
    """
    for name, x in (("samples", samples), ("real", real)):
        if x.ndim != 2 or len(x) <= neighbours:
            raise ValueError(
                f"`{name}` must be (N, D) with N > {neighbours}. "
                f"Received: {name}.shape={x.shape}"
            )
    return (
        coverage(samples, real, neighbours),
        coverage(real, samples, neighbours),
    )


def coverage(points: Array, centres: Array, neighbours: int) -> float:
    """Returns the share of `points` in some ball of `centres`."""
    index = NearestNeighbors(n_neighbors=neighbours, algorithm="brute")
    # Without an argument no point is its own neighbour.
    radius = index.fit(centres).kneighbors()[0][:, -1]
    inside = [
        (distance <= radius).any(axis=1)
        for distance in pairwise_distances_chunked(points, centres)
    ]
    return float(np.concatenate(inside).mean())
