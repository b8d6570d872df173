"""How far down an ancestral step goes, and how much noise it adds."""

import math


def split_noise(
    sigma: float, target: float, eta: float = 1.0
) -> tuple[float, float]:
    """Splits a step to `target` into going too far down, and noise back up.

    `up = eta target sqrt(sigma^2 - target^2) / sigma`, and
    `down = sqrt(target^2 - up^2)`. At eta = 1, `up` is the standard
    deviation of `q(x_target | x_sigma, x_start)`.

    Args:
        sigma: Level now, above `target`.
        target: Level after the step, at least 0.
        eta: 0, no noise, to 1, as much as the forward process added.

    Returns:
        `down` and `up`, whose squares sum to that of `target`.

    Reference:
        Song et al., 2021, eq. (16), in sigmas.
        https://arxiv.org/abs/2010.02502
    """
    share = math.sqrt((sigma - target) * (sigma + target)) / sigma
    up = eta * target * share
    return math.sqrt((target - up) * (target + up)), up
