"""Levenberg and Marquardt's steps: squared errors to their last digits.

    (J'J + lambda (diag(J'J) + h I)) step = -J'r

lambda is small where it goes well, h a small part of the largest of the
diagonal: a spline's weight that hardly any row depends on stays where it is
(of ten networks one was wrong by ten times as much as all others together, at
a single row between the last ones of the training part).

L-BFGS crawls where splines of a fine grid nearly cancel; with 15 edges of 50
cells it ended a hundred times as far from the answer in the same time.

Reference:
    Marquardt, 1963, J. SIAM 11(2), 431-441. https://doi.org/10.1137/0111030
"""

from collections.abc import Callable

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from kerasnotes.base.types import Array
from kerasnotes.notes.kan.objective import Objective

DAMPING = 1e-3
"""Where lambda begins."""
LEAST, GREATEST = 1e-15, 1e12
"""Of lambda: beyond, a step changes nothing."""
WORSE, BETTER = 4.0, 0.2
"""What lambda is multiplied by, after a step that is not taken, or is."""
SLIGHT, PATIENCE = 1e-3, 4
"""Part of the loss by which a step makes it smaller if it is of any use, and
how many of the others in a row end it."""
HELD = 1e-7
"""Of the largest of the diagonal, added to each."""


def descend(
    objective: Objective, iterations: int, told: Callable[[float], bool]
) -> None:
    """Leaves in the objective's network what these steps come to.

    Args:
        objective: Of squared errors, without a penalty.
        iterations: At most.
        told: Called after each with the loss; says whether to stop.
    """
    flat, free, damping = objective.twin.flat, objective.free, DAMPING
    error, jacobian = objective.linearized(flat)
    loss, slight = float(np.mean(error**2)), 0
    for _ in range(iterations):
        square = jacobian.T @ jacobian
        slope = jacobian.T @ error
        diagonal = np.diag(square) + HELD * np.diag(square).max()
        while damping < GREATEST:
            step = _step(square, damping * diagonal, slope)
            new = flat.copy()
            new[free] += step
            reached = objective.error(new)
            if reached < loss:
                break
            damping *= WORSE
        else:
            break
        error, jacobian = objective.linearized(new)
        slight = slight + 1 if loss - reached < SLIGHT * loss else 0
        flat, loss = new, reached
        damping = max(damping * BETTER, LEAST)
        if told(loss) or slight == PATIENCE:
            return
    objective.twin.flat = flat


def _step(square: Array, damping: Array, slope: Array) -> Array:
    """Returns the step; zeros if it cannot be told from rounding."""
    try:
        factor = cho_factor(square + np.diag(damping))
    except LinAlgError:
        return np.zeros_like(slope)
    found: Array = cho_solve(factor, -slope)
    return found
