"""A formula for measured values: the simplest that is as good as a network."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.formula import Formula
from kerasnotes.notes.kan.solver import Rows
from kerasnotes.notes.kan.symbolic import structures, writing
from kerasnotes.notes.kan.symbolic.network import FormNetwork
from kerasnotes.notes.kan.symbolic.search import Edge, networks
from kerasnotes.notes.kan.symbolic.snapping import snap
from kerasnotes.notes.kan.twin import Twin

EXACT = 3.0
"""An error is none below so many times that of rounding."""
ROOM = 1.05
"""How much larger than a network's a formula's error may be."""
LAST = 3
"""Networks of forms that are refitted on all rows."""
ALIKE = 1.02
"""Errors that differ by no more are one."""
FIRST, BETTER = 3, 0.8
"""Structures that are tried in any case, unless one is exact: the network may
be a poor one. And which part of the best error a later one's has to be."""
POOR = 0.1
"""Error in deviations from which on no forms are looked for in a structure that
is worse than the network by the factor below."""
FACTOR = 3.0


@dataclasses.dataclass(frozen=True)
class Scale:
    """What networks are given, and give, of numbers in their own units.

    Args:
        mean: Of the inputs, `(D,)`: taken from them.
        deviation: What they are divided by, `(D,)`.
        answer_mean: Of the target.
        answer_deviation: Of the target.
    """

    mean: Array
    deviation: Array
    answer_mean: float
    answer_deviation: float


@dataclasses.dataclass(frozen=True)
class Task:
    """What a formula is looked for.

    Args:
        x: Training inputs in their own units, `(N, D)`.
        y: Their targets `(N, 1)`.
        judge_x: Validation inputs.
        judge_y: Their targets.
        names: Of the inputs.
        answer: Of the target.
        scale: How networks are given them.
    """

    x: Array
    y: Array
    judge_x: Array
    judge_y: Array
    names: Sequence[str]
    answer: str
    scale: Scale

    def standard(self, x: Array) -> Array:
        """Returns inputs as networks are given them."""
        found: Array = (x - self.scale.mean) / self.scale.deviation
        return found

    def rows(self) -> tuple[Rows, Rows]:
        """Returns both parts, standardized."""
        return self._rows(self.x, self.y), self._rows(
            self.judge_x, self.judge_y
        )

    def _rows(self, x: Array, y: Array) -> Rows:
        scale = self.scale
        return Rows(
            self.standard(x), (y - scale.answer_mean) / scale.answer_deviation
        )

    @property
    def rounding(self) -> float:
        """Root mean square error of targets, which are of single precision."""
        steps = np.spacing(np.abs(self.y).astype("float32")).astype("float64")
        return float(np.sqrt(np.mean(steps**2) / 12))

    @property
    def exact(self) -> float:
        """An error that is none."""
        return EXACT * self.rounding


def find(
    task: Task,
    reached: float,
    seed: int,
    told: Callable[[], bool],
    own: Twin | None = None,
    fixed: Mapping[Edge, str] | None = None,
) -> Formula | None:
    """Returns the simplest formula that is as good as a network.

    Args:
        task: What for.
        reached: The network's root mean square error on the validation part.
        seed: Of starts.
        told: Called now and then; says whether to stop.
        own: The network, where it has few edges; is tried first.
        fixed: Forms of its edges; then no other network is tried.
    """
    enough = max(task.exact, ROOM * reached)
    best: tuple[float, FormNetwork] | None = None
    for number, twin in _tried(task, reached, seed, told, own, bool(fixed)):
        found = in_network(twin, task, fixed or {})
        if found is None:
            continue
        error = found.error(task.judge_x, task.judge_y)
        if not np.isfinite(error):
            continue
        if best is None or error < BETTER * best[0]:
            best = error, found
        if error <= task.exact:
            break
        if best[0] <= enough and number >= FIRST:
            break
    return None if best is None else written(best[1], task, reached)


def _tried(
    task: Task,
    reached: float,
    seed: int,
    told: Callable[[], bool],
    own: Twin | None,
    alone: bool,
) -> Iterator[tuple[int, Twin]]:
    """Yields networks that may hold a formula, the smallest first, numbered."""
    if own is not None:
        yield 0, own
    train, judge = task.rows()
    rng = np.random.default_rng(seed)
    unit = task.scale.answer_deviation
    chosen = () if alone else structures.STRUCTURES
    for number, structure in enumerate(chosen, start=1):
        if told():
            return
        twin = structures.trained(
            structure, train, judge, rng, lambda part, loss: told()
        )
        error = unit * twin.measure(judge.x, judge.y) ** 0.5
        if error <= max(POOR * unit, FACTOR * reached):
            yield number, twin


def in_network(
    twin: Twin, task: Task, fixed: Mapping[Edge, str]
) -> FormNetwork | None:
    """Returns the best network of forms, on all rows, or `None`."""
    given = task.standard(task.x)
    scale = task.scale.answer_mean, task.scale.answer_deviation
    found = networks(twin, task.x, given, task.y, scale, task.exact, fixed)
    found = found[:LAST]
    for network in found:
        network.refit(task.x, task.y)
    errors = [each.error(task.judge_x, task.judge_y) for each in found]
    least = min(errors, default=np.inf)
    # Of errors that are nearly one, that of the simplest.
    for network, error in zip(found, errors, strict=True):
        if error <= max(ALIKE * least, task.exact):
            return network
    return None


def written(network: FormNetwork, task: Task, reached: float) -> Formula:
    """Returns a network of forms as a formula."""
    exact = snap(network, task.x, task.y, task.rounding)
    symbols = writing.symbols_of(task.names, task.x)
    whole: Any = writing.expression(network, exact, symbols)
    whole = writing.shortest(whole, symbols, task.x, task.y, task.rounding)
    error = writing.error_of(whole, symbols, task.judge_x, task.judge_y)
    return dataclasses.replace(
        writing.told(whole, symbols, task.answer),
        rmse=error,
        network=reached,
        holds=error <= max(task.exact, ROOM * reached),
    )
