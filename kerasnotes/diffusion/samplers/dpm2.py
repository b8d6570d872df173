"""DPM-Solver-2: the slope half way, in log(sigma), order 2.

Two network calls a step, one in the last, which is Euler's: half way to 0
there is no logarithm. (Some user interfaces drop the last level but one for
this sampler; this one takes the levels as they are.)

Reference:
    Lu et al., 2022, algorithm 1 (r = 1/2), in the form of k-diffusion.
    https://arxiv.org/abs/2206.00927
"""

import math
from itertools import pairwise

from kerasnotes.diffusion.samplers.split_noise import split_noise
from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value, noise_like


def dpm2(x: Value, sigmas: Levels, *, eta: float = 0.0) -> Asks:
    """Asks twice a step, once in one to level 0.

    Args:
        x: The point at the first level.
        sigmas: Noise levels.
        eta: Share of fresh noise, `0 .. 1`; see `split_noise`.
    """
    for sigma, target in pairwise(sigmas):
        down, up = split_noise(sigma, target, eta)
        d = (x - (yield x, sigma)) / sigma
        if down > 0:
            middle = math.sqrt(sigma * down)
            x_2 = x + (middle - sigma) * d
            d = (x_2 - (yield x_2, middle)) / middle
        x = x + (down - sigma) * d + up * noise_like(x)
    return x
