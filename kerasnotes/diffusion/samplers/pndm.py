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

from itertools import pairwise

from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value

ADAMS_BASHFORTH = (
    (1.0,),
    (3 / 2, -1 / 2),
    (23 / 12, -16 / 12, 5 / 12),
    (55 / 24, -59 / 24, 37 / 24, -9 / 24),
)
"""Weights of the newest noise first, by how many there are, less one."""


def pndm(x: Value, sigmas: Levels) -> Asks:
    """Asks once a step, twice in the first."""
    past: list[Value] = []
    for sigma, target in pairwise(sigmas):
        past = [(x - (yield x, sigma)) / sigma, *past][:4]
        if len(past) == 1 and target > 0:
            x_2 = x + (target - sigma) * past[0]
            e_2 = (x_2 - (yield x_2, target)) / target
            x = x + (target - sigma) * (past[0] + e_2) / 2
            continue
        weights = ADAMS_BASHFORTH[len(past) - 1]
        for weight, e in zip(weights, past, strict=True):
            x = x + (target - sigma) * weight * e
    return x
