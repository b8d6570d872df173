"""SDE-DPM-Solver++(2M): multistep with fresh noise, order 2 in the drift.

In `lambda = -log(sigma)`, with steps `h` and, before it, `h_1`:

    k  = (1 + eta) h
    x' = e^{-k} x - (e^{-k} - 1) (D + h / (2 h_1) (D - D_1))
         + sigma' sqrt(1 - e^{-2 eta h}) z

One call a step; the step to level 0 takes what the network says.

Reference:
    Lu et al., 2022b, eq. (18), the "midpoint" form of k-diffusion, which
    adds eta. https://arxiv.org/abs/2211.01095
"""

import math
from itertools import pairwise

from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value, noise_like


def dpmpp_2m_sde(x: Value, sigmas: Levels, *, eta: float = 1.0) -> Asks:
    """Asks once a step."""
    denoised_1, h_1 = None, 0.0
    for sigma, target in pairwise(sigmas):
        denoised = yield x, sigma
        if target == 0:
            return denoised
        h, d = math.log(sigma / target), denoised
        if denoised_1 is not None:
            d = denoised + h / (2 * h_1) * (denoised - denoised_1)
        left = math.exp(-(1 + eta) * h)
        up = target * math.sqrt(-math.expm1(-2 * eta * h))
        x = left * x + (1 - left) * d + up * noise_like(x)
        denoised_1, h_1 = denoised, h
    return x
