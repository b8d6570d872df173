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

import math
from itertools import pairwise

from kerasnotes.diffusion.samplers.split_noise import split_noise
from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value, noise_like


def dpmpp_2s_ancestral(x: Value, sigmas: Levels, *, eta: float = 1.0) -> Asks:
    """Asks twice a step, once in one to level 0."""
    for sigma, target in pairwise(sigmas):
        down, up = split_noise(sigma, target, eta)
        denoised = yield x, sigma
        if down > 0:
            middle = math.sqrt(sigma * down)
            # e^{-h/2} = middle / sigma and e^{-h} = down / sigma.
            part = middle / sigma
            x_2 = part * x + (1 - part) * denoised
            denoised = yield x_2, middle
        whole = down / sigma
        x = whole * x + (1 - whole) * denoised + up * noise_like(x)
    return x
