"""What moves a network's one flat vector of weights; several starts.

L-BFGS, and for squared errors of small networks Levenberg and Marquardt's
steps from where it has come to.

A network of few nodes that begins badly stays there, however long it is
trained: the best of several short starts does not.

Reference:
    Byrd, Lu, Nocedal & Zhu, 1995, SIAM J. Sci. Comput. 16(5) (SciPy's).
    Liu et al., 2024, KAN, section 2.4 (finer grids, one after another).
    https://arxiv.org/abs/2404.19756
"""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize

from kerasnotes.base.types import Array
from kerasnotes.notes.kan import newton
from kerasnotes.notes.kan.objective import Objective
from kerasnotes.notes.kan.twin import Loss, Twin

STARTS = 6
SHORT = (20, 20, 40)
"""Iterations of a start, between which the grids follow the values."""
OPTIONS = {"maxcor": 20, "maxls": 40, "ftol": 1e-30, "gtol": 1e-14}
"""Of SciPy's L-BFGS-B: it remembers 20 steps, and ends only where no step
makes the loss smaller."""
LOOK = 10
"""Iterations between two looks at the validation part."""
STEP = 10
"""Iterations of L-BFGS that one of Newton's kind counts as."""
BEFORE = 50
"""Iterations of L-BFGS before those."""
ENTRIES, MOST = 20_000_000, 2_000
"""Of a Jacobian, and weights, up to which there are such steps."""

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
    products: Sequence[int] = (),
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
        products: Nodes that multiply, behind each layer.
    """
    judge = judge or train
    found: list[tuple[float, Twin]] = []
    for _ in range(STARTS):
        twin = Twin.random(widths, order, cells, loss, rng, products)
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
    sparsity: float = 0.0,
) -> Twin:
    """Returns the network, trained, as it was best on the validation part.

    Args:
        twin: Where it begins; is changed.
        train: The training part.
        validation: Picks the iteration; `None` takes the last.
        iterations: At most.
        told: Hears of every iteration.
        sparsity: Factor of the penalty of many weak edges; with one, the last
            iteration is taken: the validation part does not see it.
    """
    if validation is None or sparsity:
        _descend(twin, train, iterations, told, sparsity)
        return twin
    best = _Best(twin, validation)

    def look(part: float, value: float) -> bool:
        best.look()
        return told(part, value)

    _descend(twin, train, iterations, look)
    best.keep()
    twin.flat = best.flat
    return twin


class _Best:
    """The weights that were best on the validation part."""

    def __init__(self, twin: Twin, rows: Rows) -> None:
        self._twin, self._rows, self._count = twin, rows, 0
        self._least, self.flat = math.inf, twin.flat
        self.keep()

    def look(self) -> None:
        """Measures every tenth time."""
        self._count += 1
        if self._count % LOOK == 0:
            self.keep()

    def keep(self) -> None:
        """Keeps the weights of now, if they are better."""
        value = self._twin.measure(self._rows.x, self._rows.y)
        if value < self._least:
            self._least, self.flat = value, self._twin.flat


def _descend(
    twin: Twin,
    train: Rows,
    iterations: int,
    told: Told,
    sparsity: float = 0.0,
) -> None:
    """Leaves in `twin` what the solvers come to."""
    # Here: it asks every library that is loaded. Products of small matrices
    # by several threads take several times as long as by one.
    from threadpoolctl import threadpool_limits

    objective = Objective(twin, train.x, train.y, sparsity)
    weights = int(objective.free.sum())
    small = weights <= MOST and train.y.size * weights <= ENTRIES
    steps = 0
    if twin.loss == "squared" and small and not sparsity:
        steps = max(0, iterations - BEFORE) // STEP
    first, done = iterations - STEP * steps, 0

    def after(loss: float, weight: int) -> bool:
        nonlocal done
        done += weight
        return told(done / iterations, loss)

    with threadpool_limits(1):
        if _lbfgs(objective, first, lambda loss: after(loss, 1)) or not steps:
            return
        newton.descend(objective, steps, lambda loss: after(loss, STEP))


def _lbfgs(
    objective: Objective, iterations: int, told: Callable[[float], bool]
) -> bool:
    """Leaves in the objective's network what L-BFGS comes to.

    Returns:
        Whether it was told to stop.
    """
    twin, ended = objective.twin, False

    def after(intermediate_result: Any) -> None:
        nonlocal ended
        # The line search may have tried another point last.
        twin.flat = intermediate_result.x
        if told(float(intermediate_result.fun)):
            ended = True
            raise StopIteration

    found = minimize(
        objective,
        twin.flat,
        jac=True,
        method="L-BFGS-B",
        callback=after,
        options=OPTIONS | {"maxiter": iterations, "maxfun": 3 * iterations},
    )
    twin.flat = found.x
    return ended
