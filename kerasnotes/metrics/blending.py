"""How an ensemble's members answer together, fitted on what none learned."""

import dataclasses

import numpy as np
from scipy import optimize

from kerasnotes.base.ensembles import LEAST
from kerasnotes.base.types import Array

TINY = 1e-30
PENALTIES = np.logspace(-3, 6, 19)
"""Of the ridge regression, the best by leaving one out."""
NEVER = -30.0
"""Log-odds of a class that no example has."""
ROUNDS, CLOSE = 5_000, 1e-7
"""Steps of the logistic regression at most, and the slope that ends it."""


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


@dataclasses.dataclass(frozen=True)
class Stack:
    """A regression on the answers of several networks.

    Args:
        kernel: Array `(G K, K)`, of the networks' answers one after the
            other.
        bias: Array `(K,)`.
        classes: Whether answers are probabilities: it then takes their
            logarithms and gives log-odds.
    """

    kernel: Array
    bias: Array
    classes: bool

    def __call__(self, answers: Array) -> Array:
        """Returns answers `(N, K)` of those of the networks, `(G, N, K)`."""
        x = features(answers, self.classes) @ self.kernel + self.bias
        if not self.classes:
            return np.asarray(x)
        odds = np.exp(x - x.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def features(answers: Array, classes: bool) -> Array:
    """Returns what is regressed on, `(N, G K)`, of answers `(G, N, K)`."""
    x = np.concatenate(answers.astype("float64"), axis=1)
    return np.log(np.maximum(x, LEAST)) if classes else x


def fit_stack(answers: Array, truth: Array) -> Stack:
    """Fits a logistic or a ridge regression on answers.

    Args:
        answers: Of each network to examples that it did not learn from,
            `(G, N, K)`: probabilities or values.
        truth: Classes `(N,)`, whole numbers; or values `(N, K)`.

    Reference:
        Wolpert, 1992, Neural Networks 5(2), 241-259.
        Ting & Witten, 1999, JAIR 10, 271-289 (probabilities of classes).
    """
    if truth.ndim == 1:
        return _fit_logistic(answers, truth.astype("int64"))
    return _fit_ridge(answers, truth.astype("float64"))


def _fit_logistic(answers: Array, truth: Array) -> Stack:
    from sklearn.linear_model import LogisticRegression

    x, classes = features(answers, True), answers.shape[-1]
    kernel = np.zeros((x.shape[1], classes))
    bias = np.full(classes, NEVER)
    shown = np.unique(truth)
    if len(shown) == 1:
        bias[shown] = 0.0
        return Stack(kernel, bias, True)
    fitted = LogisticRegression(max_iter=ROUNDS, tol=CLOSE).fit(x, truth)
    if len(shown) == 2:
        # Of two classes there is one regression, for the second.
        kernel[:, shown[1]], bias[shown] = fitted.coef_[0], 0.0
        bias[shown[1]] = fitted.intercept_[0]
    else:
        kernel[:, shown], bias[shown] = fitted.coef_.T, fitted.intercept_
    return Stack(kernel, bias, True)


def _fit_ridge(answers: Array, truth: Array) -> Stack:
    """Fits in units of each value's deviation, from its mean."""
    from sklearn.linear_model import RidgeCV

    mean = truth.mean(axis=0)
    scale = np.maximum(truth.std(axis=0), TINY)
    repeat = len(answers)
    x = (features(answers, False) - np.tile(mean, repeat)) / np.tile(
        scale, repeat
    )
    fitted = RidgeCV(alphas=PENALTIES).fit(x, (truth - mean) / scale)
    slopes = fitted.coef_.reshape(truth.shape[1], -1).T
    kernel = slopes / np.tile(scale, repeat)[:, None] * scale
    bias = mean + np.ravel(fitted.intercept_) * scale
    return Stack(kernel, bias - np.tile(mean, repeat) @ kernel, False)


def vote(answers: Array) -> Array:
    """Returns shares of votes `(N, K)` of probabilities `(M, N, K)`.

    Classes that are exactly as likely share a vote.
    """
    best = answers == answers.max(axis=-1, keepdims=True)
    return np.asarray((best / best.sum(axis=-1, keepdims=True)).mean(axis=0))
