"""Euler's method on the probability-flow ODE, order 1.

`x <- x + (sigma' - sigma) d`. The same update as DDIM at eta = 0, at any
noise levels.

Reference:
    Karras et al., 2022, algorithm 1 without its correction.
    https://arxiv.org/abs/2206.00364
"""

from collections.abc import Iterator
from itertools import pairwise

from kerasnotes.diffusion.samplers.rows import Levels, Row, X, slope


def rows(sigmas: Levels) -> Iterator[Row]:
    """Yields a row for each step."""
    for sigma, target in pairwise(sigmas):
        yield Row(sigma, x=X + (target - sigma) * slope(sigma))
