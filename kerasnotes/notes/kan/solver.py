"""L-BFGS on a network's one flat vector of weights; several starts.

A network of few nodes that begins badly stays there, however long it is
trained: the best of several short starts does not.

Reference:
    Byrd, Lu, Nocedal & Zhu, 1995, SIAM J. Sci. Comput. 16(5) (SciPy's).
    Liu et al., 2024, KAN, section 2.4 (finer grids, one after another).
    https://arxiv.org/abs/2404.19756
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize

from kerasnotes.base.types import Array
from kerasnotes.notes.kan.twin import Loss, Objective, Twin

STARTS = 6
SHORT = (20, 20, 40)
"""Iterations of a start, between which the grids follow the values."""
OPTIONS = {"maxcor": 20, "maxls": 40, "ftol": 1e-30, "gtol": 1e-14}
"""Of SciPy's L-BFGS-B: it remembers 20 steps, and ends only where no step
makes the loss smaller."""
LOOK = 10
"""Iterations between two looks at the validation part."""

Told = Callable[[float, float], bool]
"""Called with the part that is done, 0 to 1, and the loss; says whether to
stop."""


@dataclasses.dataclass(frozen=True)
class Rows:
    """Examples as the solver sees them.

    Args:
        x: What the first layer is given, `(N, D)`.
        y: Standardized targets, or one-hot classes, `(N, K)`.
    """

    x: Array
    y: Array


def best_start(
    widths: Sequence[int],
    order: int,
    cells: int,
    loss: Loss,
    train: Rows,
    rng: np.random.Generator,
    told: Told,
    judge: Rows | None = None,
) -> Twin:
    """Returns the best of several short starts.

    Args:
        widths: Numbers of the input, of each hidden layer, of the answer.
        order: k of the splines.
        cells: G of their grids.
        loss: What is made smaller.
        train: The training part.
        rng: Draws the starts.
        told: Hears of it.
        judge: What picks it; the training part, if there is no other.
    """
    judge = judge or train
    found: list[tuple[float, Twin]] = []
    for _ in range(STARTS):
        twin = Twin.random(widths, order, cells, loss, rng)
        twin = twin.refitted(train.x, cells)
        for iterations in SHORT:
            _descend(twin, train, iterations, lambda part, value: False)
            twin = twin.refitted(train.x, cells)
        found.append((twin.measure(judge.x, judge.y), twin))
        if told(0.0, found[-1][0]):
            break
    return min(found, key=lambda pair: pair[0])[1]


def solve(
    twin: Twin,
    train: Rows,
    validation: Rows | None,
    iterations: int,
    told: Told,
) -> Twin:
    """Returns the network, trained, as it was best on the validation part.

    Args:
        twin: Where it begins; is changed.
        train: The training part.
        validation: Picks the iteration; `None` takes the last.
        iterations: At most.
        told: Hears of every iteration.
    """
    if validation is None:
        _descend(twin, train, iterations, told)
        return twin
    least, best = twin.measure(validation.x, validation.y), twin.flat
    count = 0

    def look(part: float, value: float) -> bool:
        nonlocal count
        count += 1
        if count % LOOK == 0:
            keep()
        return told(part, value)

    def keep() -> None:
        nonlocal least, best
        value = twin.measure(validation.x, validation.y)
        if value < least:
            least, best = value, twin.flat

    _descend(twin, train, iterations, look)
    keep()
    twin.flat = best
    return twin


def _descend(twin: Twin, train: Rows, iterations: int, told: Told) -> None:
    """Leaves in `twin` what L-BFGS comes to."""
    # Here: it asks every library that is loaded. Products of small matrices
    # by several threads take several times as long as by one.
    from threadpoolctl import threadpool_limits

    done = 0
    objective = Objective(twin, train.x, train.y)

    def after(intermediate_result: Any) -> None:
        nonlocal done
        done += 1
        # The line search may have tried another point last.
        twin.flat = intermediate_result.x
        if told(done / iterations, float(intermediate_result.fun)):
            raise StopIteration

    with threadpool_limits(1):
        found = minimize(
            objective,
            twin.flat,
            jac=True,
            method="L-BFGS-B",
            callback=after,
            options=OPTIONS | {"maxiter": iterations, "maxfun": 3 * iterations},
        )
    twin.flat = found.x
