"""Euler's method on the probability-flow ODE, order 1.

`x <- x + (sigma' - sigma) d`. The same update as DDIM at eta = 0, at any
noise levels.

Reference:
    Karras et al., 2022, algorithm 1 without its correction.
    https://arxiv.org/abs/2206.00364
"""

from itertools import pairwise

from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value


def euler(x: Value, sigmas: Levels) -> Asks:
    """Asks once a step."""
    for sigma, target in pairwise(sigmas):
        d = (x - (yield x, sigma)) / sigma
        x = x + (target - sigma) * d
    return x
