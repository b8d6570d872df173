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
from collections.abc import Iterator
from itertools import pairwise

from kerasnotes.diffusion.samplers.rows import (
    DENOISED,
    NOISE,
    PAST,
    Levels,
    Row,
    X,
)


def rows(sigmas: Levels, *, eta: float = 1.0) -> Iterator[Row]:
    """Yields a row for each step."""
    h_1 = 0.0
    for sigma, target in pairwise(sigmas):
        if target == 0:
            yield Row(sigma, x=DENOISED)
            continue
        h = math.log(sigma / target)
        extra = h / (2 * h_1) if h_1 else 0.0
        d = DENOISED + extra * (DENOISED - PAST[0])
        left = math.exp(-(1 + eta) * h)
        up = target * math.sqrt(-math.expm1(-2 * eta * h))
        x = left * X + (1 - left) * d + up * NOISE
        yield Row(sigma, x=x, keep=(DENOISED,))
        h_1 = h
