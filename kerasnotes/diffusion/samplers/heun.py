"""Heun's method: an Euler step, then again with the mean slope, order 2.

Two network calls a step, one in the last.

Reference:
    Karras et al., 2022, algorithm 1. https://arxiv.org/abs/2206.00364
"""

from itertools import pairwise

from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value


def heun(x: Value, sigmas: Levels) -> Asks:
    """Asks twice a step, once in one to level 0."""
    for sigma, target in pairwise(sigmas):
        d = (x - (yield x, sigma)) / sigma
        x_2 = x + (target - sigma) * d
        if target > 0:
            d_2 = (x_2 - (yield x_2, target)) / target
            x_2 = x + (target - sigma) * (d + d_2) / 2
        x = x_2
    return x
