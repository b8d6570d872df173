"""Euler steps with fresh noise, order 1.

`x <- x + (down - sigma) d + up z`. At eta = 1 the same update as DDPM with
the small variance, at any noise levels.

Reference:
    Song et al., 2021, eq. (12), (16), written in sigmas as k-diffusion
    does. https://arxiv.org/abs/2010.02502
"""

from collections.abc import Iterator
from itertools import pairwise

from kerasnotes.diffusion.samplers.rows import NOISE, Levels, Row, X, slope
from kerasnotes.diffusion.samplers.stepping import split_noise


def rows(sigmas: Levels, *, eta: float = 1.0) -> Iterator[Row]:
    """Yields a row for each step."""
    for sigma, target in pairwise(sigmas):
        down, up = split_noise(sigma, target, eta)
        x = X + (down - sigma) * slope(sigma)
        yield Row(sigma, x=x + up * NOISE)
