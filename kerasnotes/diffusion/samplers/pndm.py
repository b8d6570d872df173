"""PNDM in its multistep form (PLMS): Adams-Bashforth of the noise, order 4.

With the last four predicted noises `e`, newest first, and timesteps evenly
spaced,

    e' = (55 e_0 - 59 e_1 + 37 e_2 - 9 e_3) / 24

and a DDIM step with `e'`, in sigmas `x + (sigma' - sigma) e'`. The first
step is made twice, the second time with the mean of the noise at both ends;
the two after it have fewer noises to go by. One network call a step, and
one more.

Departs from it:
    - no Runge-Kutta steps at the beginning, as latent diffusion's PLMS and
      `PNDMScheduler(skip_prk_steps=True)` of diffusers.
    - ends at level 0; `PNDMScheduler` at that of timestep 0, unless
      `set_alpha_to_one=True`.

Reference:
    Liu et al., 2022, eq. (9), (12), (22). https://arxiv.org/abs/2202.09778
"""

from collections.abc import Iterator
from itertools import pairwise

from kerasnotes.diffusion.samplers.rows import (
    PAST,
    START,
    Levels,
    Row,
    Sum,
    X,
    slope,
)

ADAMS_BASHFORTH = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)
"""Weights of the newest noise first, by how many there are, less one."""


def rows(sigmas: Levels) -> Iterator[Row]:
    """Yields a row for each step, and two for the first."""
    for i, (sigma, target) in enumerate(pairwise(sigmas)):
        e = slope(sigma)
        if i == 0 and target > 0:
            x = X + (target - sigma) * e
            yield Row(sigma, x=x, start=X, keep=(e,), ends_step=False)
            mean = (slope(target) + PAST[0]) / 2
            yield Row(target, x=START + (target - sigma) * mean)
            continue
        x = X + (target - sigma) * _extrapolated(e, min(i, 3))
        yield Row(sigma, x=x, keep=(e,))


def _extrapolated(e: Sum, known: int) -> Sum:
    """Returns the noise for the step, from this one and `known` before."""
    total = 0.0 * e
    for weight, each in zip(
        ADAMS_BASHFORTH[known], (e, *PAST[:known]), strict=True
    ):
        total = total + weight * each
    return total
