"""DPM-Solver++(2S) with fresh noise, order 2.

A single-step method in `lambda = -log(sigma)`, exact for the linear part:

    x_mid = (s / sigma) x - (e^{-h/2} - 1) D(x, sigma)       lambda + h / 2
    x'    = (down / sigma) x - (e^{-h} - 1) D(x_mid, s)      lambda + h
    x'    + up z

Two network calls a step, one in the last.

Reference:
    Lu et al., 2022b, algorithm 1 (r = 1/2), with the noise of Song et al.'s
    eq. (16), as k-diffusion combines them. https://arxiv.org/abs/2211.01095
"""

from collections.abc import Iterator
from itertools import pairwise

from kerasnotes.diffusion.samplers.rows import (
    DENOISED,
    NOISE,
    START,
    Levels,
    Row,
    X,
)
from kerasnotes.diffusion.samplers.stepping import half_way, split_noise


def rows(sigmas: Levels, *, eta: float = 1.0) -> Iterator[Row]:
    """Yields two rows for each step, one for a step to level 0."""
    for sigma, target in pairwise(sigmas):
        down, up = split_noise(sigma, target, eta)
        if down == 0:
            yield Row(sigma, x=DENOISED + up * NOISE)
            continue
        middle = half_way(sigma, down)
        # e^{-h/2} = middle / sigma and e^{-h} = down / sigma.
        part, whole = middle / sigma, down / sigma
        x = part * X + (1 - part) * DENOISED
        yield Row(sigma, x=x, start=X, ends_step=False)
        x = whole * START + (1 - whole) * DENOISED
        yield Row(middle, x=x + up * NOISE)
