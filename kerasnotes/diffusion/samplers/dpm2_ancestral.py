"""DPM-Solver-2 with fresh noise: `dpm2` with eta = 1.

Reference:
    Lu et al., 2022, algorithm 1; the noise as k-diffusion adds it.
    https://arxiv.org/abs/2206.00927
"""

from kerasnotes.diffusion.samplers.dpm2 import dpm2
from kerasnotes.diffusion.samplers.trace import Asks, Levels, Value


def dpm2_ancestral(x: Value, sigmas: Levels, *, eta: float = 1.0) -> Asks:
    """Asks twice a step, once in one to level 0."""
    return dpm2(x, sigmas, eta=eta)
