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
from collections.abc import Iterator
from itertools import pairwise

from kerasnotes.diffusion.samplers.rows import DENOISED, PAST, Levels, Row, X


def rows(sigmas: Levels) -> Iterator[Row]:
    """Yields a row for each step."""
    h_1 = 0.0
    for sigma, target in pairwise(sigmas):
        if target == 0:
            yield Row(sigma, x=DENOISED)
            continue
        h = math.log(sigma / target)
        extra = h / (2 * h_1) if h_1 else 0.0
        d = DENOISED + extra * (DENOISED - PAST[0])
        ratio = target / sigma
        yield Row(sigma, x=ratio * X + (1 - ratio) * d, keep=(DENOISED,))
        h_1 = h
