"""The forward process: adding noise.

Nothing here draws: noise comes in, `N(0, 1)`, shaped as the data. `t` counts
from 0 and means "t + 1 steps done" (see `noise_schedule`).

Reference:
    Ho et al., 2020, section 2. https://arxiv.org/abs/2006.11239
"""

from kerasnotes.base.types import Tensor
from kerasnotes.diffusion.lookup import lookup
from kerasnotes.diffusion.noise_schedule import Schedule


def q_sample(
    schedule: Schedule, x_start: Tensor, *, t: Tensor, noise: Tensor
) -> Tensor:
    """Returns `x_t = sqrt(ac_t) x_start + sqrt(1 - ac_t) noise`, eq. (4).

    Args:
        schedule: The process.
        x_start: Tensor `(B, ...)`, data in `[-1, 1]`.
        t: Integer tensor `(B,)`, `0 .. T - 1`.
        noise: Tensor `(B, ...)`, `N(0, 1)`.

    Returns:
        Tensor `(B, ...)`.
    """
    return (
        lookup(schedule.signal_scale, t, x_start) * x_start
        + lookup(schedule.noise_scale, t, x_start) * noise
    )
