"""Formulae of all that a network measures, one for each."""

from collections.abc import Callable, Mapping

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.formula import Formula
from kerasnotes.data.reading import spread
from kerasnotes.data.spec import Spec
from kerasnotes.notes.kan.edges import Edges
from kerasnotes.notes.kan.symbolic.finding import Scale, Task, find
from kerasnotes.notes.kan.symbolic.search import Edge
from kerasnotes.notes.kan.twin import Twin

Part = tuple[Array, Array]
"""Inputs `(N, D)` and targets `(N, K)` in their own units."""

CHOOSING = 20
"""Validation rows that may choose anything."""
ROWS = 5_000
"""Of a part, at most."""
FEW = 12
"""Edges of a network that is looked at itself, besides smaller ones."""


def find_formulae(
    twin: Twin,
    spec: Spec,
    scales: tuple[Array, Array],
    parts: tuple[Part, Part],
    fixed: Mapping[Edge, str],
    seed: int,
    told: Callable[[], bool],
) -> list[Formula | None]:
    """Returns a formula for each target.

    Args:
        twin: The network.
        spec: What its columns are called.
        scales: What is taken from inputs, and what they are divided by.
        parts: The training and the validation part.
        fixed: Forms of the network's edges.
        seed: Of starts.
        told: Called now and then; says whether to stop.
    """
    # Here: it asks every library that is loaded.
    from threadpoolctl import threadpool_limits

    train, judge = (_some(*part) for part in parts)
    if len(judge[0]) < CHOOSING:
        judge = train
    names = [column.name for column in spec.input.columns]
    found = []
    with threadpool_limits(1):
        for k, column in enumerate(spec.target.columns):
            scale = Scale(*scales, column.mean, column.deviation)
            task = Task(
                train[0],
                train[1][:, k : k + 1],
                judge[0],
                judge[1][:, k : k + 1],
                names,
                column.name,
                scale,
            )
            own = _of_one(twin, k)
            said = own(task.standard(judge[0])) * column.deviation + column.mean
            reached = float(np.sqrt(np.mean((said - task.judge_y) ** 2)))
            small = sum(int(e.alive.sum()) for e in own.layers) <= FEW
            tried = own if small or fixed else None
            forms = _of_answer(fixed, len(own.layers) - 1, k)
            found.append(find(task, reached, seed, told, tried, forms))
    return found


def _some(x: Array, y: Array) -> Part:
    """Returns rows of a part, evenly spread, in double precision."""
    rows = spread(len(x), ROWS)
    return x[rows].astype("float64"), y[rows].astype("float64")


def _of_answer(fixed: Mapping[Edge, str], last: int, k: int) -> dict[Edge, str]:
    """Returns the forms of edges that one answer depends on."""
    found = {}
    for (level, i, o), name in fixed.items():
        if level < last:
            found[level, i, o] = name
        elif o == k:
            found[level, i, 0] = name
    return found


def _of_one(twin: Twin, k: int) -> Twin:
    """Returns the part of a network that gives one of its answers."""
    last = twin.layers[-1]
    alone = slice(k, k + 1)
    edges = Edges(
        last.coefficients[..., alone],
        last.base[:, alone],
        last.low,
        last.high,
        last.order,
    )
    return Twin([*twin.layers[:-1], edges], twin.loss, twin.products)
