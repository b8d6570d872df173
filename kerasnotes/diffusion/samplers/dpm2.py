"""DPM-Solver-2: the slope half way, in log(sigma), order 2.

Two network calls a step, one in the last, which is Euler's: half way to 0
there is no logarithm. (Some user interfaces drop the last level but one for
this sampler; this one takes the levels as they are.)

Reference:
    Lu et al., 2022, algorithm 1 (r = 1/2), in the form of k-diffusion.
    https://arxiv.org/abs/2206.00927
"""

from collections.abc import Iterator
from itertools import pairwise

from kerasnotes.diffusion.samplers.rows import (
    NOISE,
    START,
    Levels,
    Row,
    X,
    slope,
)
from kerasnotes.diffusion.samplers.stepping import half_way, split_noise


def rows(sigmas: Levels, *, eta: float = 0.0) -> Iterator[Row]:
    """Yields two rows for each step, one for a step to level 0.

    Args:
        sigmas: Noise levels.
        eta: Share of fresh noise, `0 .. 1`; see `split_noise`.
    """
    for sigma, target in pairwise(sigmas):
        down, up = split_noise(sigma, target, eta)
        if down == 0:
            x = X + (down - sigma) * slope(sigma)
            yield Row(sigma, x=x + up * NOISE)
            continue
        middle = half_way(sigma, down)
        x = X + (middle - sigma) * slope(sigma)
        yield Row(sigma, x=x, start=X, ends_step=False)
        x = START + (down - sigma) * slope(middle)
        yield Row(middle, x=x + up * NOISE)
