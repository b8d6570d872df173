"""DPM-Solver-2 with fresh noise: `dpm2` with eta = 1.

Reference:
    Lu et al., 2022, algorithm 1; the noise as k-diffusion adds it.
    https://arxiv.org/abs/2206.00927
"""

from collections.abc import Iterator

from kerasnotes.diffusion.samplers import dpm2
from kerasnotes.diffusion.samplers.rows import Levels, Row


def rows(sigmas: Levels, *, eta: float = 1.0) -> Iterator[Row]:
    """Yields two rows for each step, one for a step to level 0."""
    yield from dpm2.rows(sigmas, eta=eta)
