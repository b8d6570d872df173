"""Weights of members against a search over all of them."""

import numpy as np
import pytest
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    RidgeCV,
)

from kerasnotes.metrics.blending import (
    PENALTIES,
    fit_stack,
    fit_weights,
    vote,
)

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)


def test_of_classes_no_mixture_is_likelier():
    y = RNG.integers(0, 3, 200)
    sure = np.eye(3)[y] * 4
    answers = np.stack(
        [np.exp(sure * s + RNG.normal(size=(200, 3))) for s in (1.0, 0.6, 0.0)]
    )
    answers /= answers.sum(axis=-1, keepdims=True)
    found = fit_weights(answers, y)
    assert found.sum() == pytest.approx(1)
    assert found.min() >= 0

    def nll(weights):
        p = np.tensordot(weights, answers, 1)
        return -np.log(p[np.arange(200), y]).mean()

    others = RNG.dirichlet(np.ones(3), 4000)
    assert nll(found) <= min(map(nll, others)) + 1e-6
    assert nll(found) < nll(np.ones(3) / 3)


def test_of_values_it_is_the_least_squares_solution_inside():
    y = RNG.normal(5, 3, (300, 1))
    answers = np.stack([y + RNG.normal(0, s, y.shape) for s in (1.0, 2.0)])
    found = fit_weights(answers, y)
    # w a + (1 - w) b = y, that is w (a - b) = y - b.
    one, other = answers[..., 0]
    line = LinearRegression(fit_intercept=False)
    line.fit((one - other)[:, None], y[:, 0] - other)
    np.testing.assert_allclose(found[0], line.coef_[0], atol=1e-4)


def test_a_useless_member_gets_nothing():
    y = RNG.normal(size=(100, 2))
    answers = np.stack([y, -y])
    np.testing.assert_allclose(fit_weights(answers, y), [1, 0], atol=1e-6)


def probabilities(*shape):
    odds = np.exp(2 * RNG.normal(size=shape))
    return odds / odds.sum(axis=-1, keepdims=True)


def test_classes_are_stacked_where_the_penalized_likelihood_is_flat():
    answers, y = probabilities(2, 300, 3), RNG.integers(0, 3, 300)
    stack = fit_stack(answers, y)
    x = np.log(np.concatenate(answers, axis=1))
    # The gradient of scikit-learn's loss, written out: C = 1.
    errors = stack(answers) - np.eye(3)[y]
    slope = x.T @ errors + stack.kernel
    assert np.abs(slope).max() < 1e-3
    assert np.abs(errors.sum(axis=0)).max() < 1e-3
    p = LogisticRegression(max_iter=5000, tol=1e-7).fit(x, y).predict_proba(x)
    np.testing.assert_allclose(stack(answers), p, atol=1e-4)


def test_two_classes_and_classes_without_examples():
    answers = probabilities(2, 200, 4)
    y = RNG.choice([1, 3], 200)
    p = fit_stack(answers, y)(answers)
    x = np.log(np.concatenate(answers, axis=1))
    expected = (
        LogisticRegression(max_iter=5000, tol=1e-7).fit(x, y).predict_proba(x)
    )
    np.testing.assert_allclose(p[:, [1, 3]], expected, atol=1e-4)
    assert p[:, [0, 2]].max() < 1e-8
    assert fit_stack(answers, np.full(200, 2))(answers)[:, 2].min() > 0.999


def test_values_are_stacked_by_a_ridge_regression():
    y = RNG.normal([5, -200], [3, 40], (300, 2))
    answers = np.stack([y + RNG.normal(0, s, y.shape) for s in (1.0, 2.0)])
    found = fit_stack(answers, y)(answers)
    scaled = (answers - y.mean(axis=0)) / y.std(axis=0)
    model = RidgeCV(alphas=PENALTIES)
    x = np.concatenate(scaled, axis=1)
    model.fit(x, (y - y.mean(axis=0)) / y.std(axis=0))
    expected = model.predict(x) * y.std(axis=0) + y.mean(axis=0)
    np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_votes_are_counted():
    answers = np.array([[[0.6, 0.4]], [[0.3, 0.7]], [[0.5, 0.5]]])
    np.testing.assert_allclose(vote(answers), [[0.5, 0.5]])
    np.testing.assert_allclose(vote(answers[:2]), [[0.5, 0.5]])
    np.testing.assert_allclose(vote(answers[:1]), [[1, 0]])
