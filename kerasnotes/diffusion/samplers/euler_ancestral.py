"""Euler steps with fresh noise, order 1.

`x <- x + (down - sigma) d + up z`. At eta = 1 the same update as DDPM with
the small variance, at any noise levels.

Reference:
    Song et al., 2021, eq. (12), (16), written in sigmas as k-diffusion
    does. https://arxiv.org/abs/2010.02502
"""

from itertools import pairwise

from kerasnotes.diffusion.samplers.split_noise import split_noise
from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value, noise_like


def euler_ancestral(x: Value, sigmas: Levels, *, eta: float = 1.0) -> Asks:
    """Asks once a step."""
    for sigma, target in pairwise(sigmas):
        down, up = split_noise(sigma, target, eta)
        d = (x - (yield x, sigma)) / sigma
        x = x + (down - sigma) * d + up * noise_like(x)
    return x
