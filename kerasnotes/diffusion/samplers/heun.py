"""Heun's method: an Euler step, then again with the mean slope, order 2.

Two network calls a step, one in the last.

Reference:
    Karras et al., 2022, algorithm 1. https://arxiv.org/abs/2206.00364
"""

from collections.abc import Iterator
from itertools import pairwise

from kerasnotes.diffusion.samplers.rows import (
    PAST,
    START,
    Levels,
    Row,
    X,
    slope,
)


def rows(sigmas: Levels) -> Iterator[Row]:
    """Yields two rows for each step, one for a step to level 0."""
    for sigma, target in pairwise(sigmas):
        d = slope(sigma)
        x = X + (target - sigma) * d
        if target == 0:
            yield Row(sigma, x=x)
            continue
        yield Row(sigma, x=x, start=X, keep=(d,), ends_step=False)
        mean = (PAST[0] + slope(target)) / 2
        yield Row(target, x=START + (target - sigma) * mean)
