"""DPM-Solver++(2M): the multistep solver of order 2, one call a step.

In `lambda = -log(sigma)`, with steps `h` and, before it, `h_1`:

    D' = (1 + h / (2 h_1)) D - h / (2 h_1) D_1
    x' = (sigma' / sigma) x - (e^{-h} - 1) D'

The first step and the one to level 0 (where h is infinite) are of order 1.
"DPM++ 2M Karras" is this sampler with Karras' noise levels.

Reference:
    Lu et al., 2022b, algorithm 2. https://arxiv.org/abs/2211.01095
"""

import math
from itertools import pairwise

from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value


def dpmpp_2m(x: Value, sigmas: Levels) -> Asks:
    """Asks once a step."""
    denoised_1, h_1 = None, 0.0
    for sigma, target in pairwise(sigmas):
        denoised = yield x, sigma
        if target == 0:
            return denoised
        h, d = math.log(sigma / target), denoised
        if denoised_1 is not None:
            d = denoised + h / (2 * h_1) * (denoised - denoised_1)
        ratio = target / sigma
        x = ratio * x + (1 - ratio) * d
        denoised_1, h_1 = denoised, h
    return x
