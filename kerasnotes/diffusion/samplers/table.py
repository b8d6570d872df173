"""A sampler's rows as arrays: what the compiled loop reads."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np

from kerasnotes.base.errors import UsageError
from kerasnotes.diffusion.samplers.rows import COLUMNS, REGISTERS, Levels, Row

Array = np.ndarray[Any, Any]
NOISE_COLUMN = COLUMNS.index("noise")


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """One sampler at one set of noise levels; R rows, n registers.

    Args:
        sigmas: Array `(R,)`: where the network is asked.
        after: Array `(R,)`: the level of the point that a row leads to.
        weights: Array `(R, n, n + 2)`: new registers from the old ones, the
            network's answer and noise. Registers that the sampler does not
            use are left out; `x` is the first.
        noisy: Boolean array `(R,)`: rows that use noise.
        ends_step: Boolean array `(R,)`: rows that end at a level.
    """

    sigmas: Array
    after: Array
    weights: Array
    noisy: Array
    ends_step: Array

    @property
    def evaluations(self) -> int:
        """Number of network calls, R."""
        return len(self.sigmas)

    @property
    def registers(self) -> int:
        return int(self.weights.shape[1])

    @property
    def stochastic(self) -> bool:
        return bool(self.noisy.any())

    @property
    def step_rows(self) -> Array:
        """Number of rows done when step 1, 2, ... is done, `(steps,)`."""
        return np.flatnonzero(self.ends_step) + 1


def make_table(rows: Iterable[Row], sigmas: Levels) -> Table:
    """Returns the table of a sampler's rows.

    Args:
        rows: What a sampler yielded.
        sigmas: The levels it was given; the last is where it ends.

    Returns:
        The table, float64.
    """
    done = list(rows)
    matrices = np.stack([row.matrix() for row in done])
    live = _live_registers(matrices)
    columns = [*live, len(REGISTERS), NOISE_COLUMN]
    asked = np.array([row.sigma for row in done])
    return Table(
        sigmas=asked,
        after=np.append(asked[1:], sigmas[-1]),
        weights=matrices[:, live][:, :, columns],
        noisy=np.any(matrices[:, live, NOISE_COLUMN], axis=1),
        ends_step=np.array([row.ends_step for row in done]),
    )


def _live_registers(matrices: Array) -> list[int]:
    """Returns the registers that `x` depends on, `x` first."""
    reads = np.asarray(matrices.any(axis=0))
    live, found = {0}, {0}
    while found:
        found = {
            int(column)
            for register in found
            for column in np.flatnonzero(reads[register, : len(REGISTERS)])
        } - live
        live |= found
    return sorted(int(register) for register in live)


def check_levels(sigmas: Array) -> list[float]:
    """Returns noise levels as a list, if a sampler can go through them.

    Args:
        sigmas: Array `(steps + 1,)`.

    Raises:
        UsageError: If there are fewer than 2, or they do not fall.
    """
    levels = np.asarray(sigmas, "float64")
    falls = levels.ndim == 1 and len(levels) > 1 and np.all(np.diff(levels) < 0)
    if not falls or not np.all(np.isfinite(levels)) or levels[-1] < 0:
        raise UsageError(
            "these noise levels are none that a sampler can go through",
            expected="at least 2 numbers, each below the one before, the "
            "last one 0 or above",
            received=f"{levels}",
        )
    return [float(level) for level in levels]
