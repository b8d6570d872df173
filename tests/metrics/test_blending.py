"""Weights of members against a search over all of them."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from kerasnotes.metrics.blending import fit_weights

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
