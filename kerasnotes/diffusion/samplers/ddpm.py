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
from itertools import pairwise
from typing import get_args

from kerasnotes.base.errors import UsageError
from kerasnotes.diffusion.choices import Variance
from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value, noise_like


def ddpm(
    x: Value, sigmas: Levels, *, variance: Variance = "fixed_small"
) -> Asks:
    """Asks once a step.

    Args:
        x: The point at the first level.
        sigmas: Noise levels.
        variance: `fixed_small` or `fixed_large`.

    Raises:
        UsageError: If `variance` is neither.
    """
    if variance not in get_args(Variance):
        raise UsageError(
            "no such variance of a reverse step",
            expected="fixed_small or fixed_large",
            received=f"variance={variance}",
        )
    for sigma, target in pairwise(sigmas):
        denoised = yield x, sigma
        ratio = (target / sigma) ** 2
        gap = (sigma - target) * (sigma + target)
        if variance == "fixed_small":
            deviation = target * math.sqrt(gap) / sigma
        else:
            deviation = math.sqrt(gap * (1 + target**2) / (1 + sigma**2))
        mean = denoised + ratio * (x - denoised)
        x = mean + deviation * noise_like(x) if target else mean
    return x
