"""Weights of an ensemble's members, fitted on data they did not learn."""

import numpy as np
from scipy import optimize

from kerasnotes.base.types import Array

TINY = 1e-30


def fit_weights(answers: Array, truth: Array) -> Array:
    """Returns weights `(M,)`, at least 0, that add up to 1.

    Of classes they minimize the negative log-likelihood of the mixture, of
    measured values the squared error in units of each value's deviation;
    both are convex.

    Args:
        answers: Of the members, `(M, N, K)`.
        truth: Classes `(N,)`, whole numbers; or values `(N, K)`.

    Reference:
        Wolpert, 1992, Neural Networks 5(2), 241-259 (stacking).
    """
    count = len(answers)
    exact = answers.astype("float64")
    if truth.ndim == 1:
        chosen = exact[:, np.arange(len(truth)), truth.astype(int)]

        def lost(w: Array) -> tuple[float, Array]:
            p = np.maximum(w @ chosen, TINY)
            return -np.log(p).mean(), -(chosen / p).mean(axis=1)
    else:
        scale = np.maximum(truth.std(axis=0), TINY)
        errors = ((exact - truth) / scale).reshape(count, -1)

        def lost(w: Array) -> tuple[float, Array]:
            rest = w @ errors
            return (rest**2).mean(), 2 * (errors * rest).mean(axis=1)

    found = optimize.minimize(
        lost,
        np.full(count, 1 / count),
        jac=True,
        bounds=[(0, 1)] * count,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        method="SLSQP",
        options={"maxiter": 500, "ftol": 1e-12},
    )
    weights = np.clip(found.x, 0, None)
    return np.asarray(weights / weights.sum())
