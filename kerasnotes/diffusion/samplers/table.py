"""A sampler as arrays: what the compiled loop reads."""

import dataclasses
from typing import Any

import numpy as np

from kerasnotes.base.errors import UsageError
from kerasnotes.diffusion.samplers.registers import make_weights
from kerasnotes.diffusion.samplers.trace import (
    NOISE,
    SamplerFunction,
    trace_sampler,
)

Array = np.ndarray[Any, Any]


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """One sampler at one set of noise levels; R rows, n registers.

    Args:
        sigmas: Array `(R,)`: where the network is asked.
        after: Array `(R,)`: the level of the point that a row leads to.
        weights: Array `(R, n, n + 2)`: new registers from the old ones, the
            network's answer and noise. Register 0 is the point.
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


def make_table(
    sampler: SamplerFunction, sigmas: Any, **options: object
) -> Table:
    """Returns the table of a sampler at noise levels.

    Args:
        sampler: The coroutine; see `trace`.
        sigmas: Array `(steps + 1,)`, falling; the last is where it ends.
        options: Passed on to the sampler.

    Returns:
        The table, float64.

    Raises:
        UsageError: If the levels are none that a sampler can go through.
        ValueError: If the sampler asks for what no table can hold.
    """
    levels = check_levels(sigmas)
    trace = trace_sampler(sampler, levels, **options)
    asked, weights = np.array(trace.sigmas), make_weights(trace)
    return Table(
        sigmas=asked,
        after=np.append(asked[1:], levels[-1]),
        weights=weights,
        noisy=np.any(weights[..., NOISE], axis=1),
        ends_step=_ends_step(asked, levels),
    )


def _ends_step(asked: Array, levels: list[float]) -> Array:
    """Returns which rows lead to the next level, boolean `(R,)`.

    A step begins with the last question at its level or above: those before
    it were for the step that led there.
    """
    highest_left = np.maximum.accumulate(asked[::-1])[::-1]
    begins = np.searchsorted(-highest_left, -np.array(levels[:-1]), "right") - 1
    if begins[0] < 0 or np.any(np.diff(begins) < 1):
        raise ValueError(
            "a sampler must ask at every level but the last. Received: "
            f"questions at {asked}, levels {levels}"
        )
    ends = np.zeros(len(asked), bool)
    ends[begins[1:] - 1] = ends[-1] = True
    return ends


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
