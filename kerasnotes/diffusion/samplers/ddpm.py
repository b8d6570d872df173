"""DDPM: one draw from the reverse process a step, order 1.

`x_s ~ N(mean of q(x_s | x_t, x_start), variance)`, no noise in the last
step. In `x = x_start + sigma n`, with `r = sigma_s^2 / sigma_t^2`:

    mean          x_start + r (x - x_start)
    fixed small   sigma_s^2 (1 - r), the variance of q(x_s | x_t, x_start)
    fixed large   beta (1 + sigma_s^2), that of q(x_t | x_s),
                  beta = (sigma_t^2 - sigma_s^2) / (1 + sigma_t^2)

Both variances are legal, the best for data that are one point, and for data
that are N(0, 1). Fewer steps than T are steps of the thinned-out process,
whose beta is `1 - ac_t / ac_s`.

Reference:
    Ho et al., 2020, algorithm 2, section 3.2.
    https://arxiv.org/abs/2006.11239
"""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

from kerasnotes.base.errors import UsageError
from kerasnotes.diffusion.samplers.rows import DENOISED, NOISE, Levels, Row, X


def rows(
    sigmas: Levels,
    *,
    variance: Literal["fixed_small", "fixed_large"] = "fixed_small",
) -> Iterator[Row]:
    """Yields a row for each step.

    Args:
        sigmas: Noise levels.
        variance: `fixed_small` or `fixed_large`.

    Raises:
        UsageError: If `variance` is neither.
    """
    if variance not in ("fixed_small", "fixed_large"):
        raise UsageError(
            "no such variance of a reverse step",
            expected="fixed_small or fixed_large",
            received=f"variance={variance}",
        )
    for sigma, target in pairwise(sigmas):
        ratio = (target / sigma) ** 2
        gap = (sigma - target) * (sigma + target)
        if variance == "fixed_small":
            spread = target * math.sqrt(gap) / sigma
        else:
            spread = math.sqrt(gap * (1 + target**2) / (1 + sigma**2))
        x = DENOISED + ratio * (X - DENOISED)
        yield Row(sigma, x=x + spread * NOISE if target else x)
