"""Three masses: characteristic polynomial, Hochstadt's way back, the parts."""

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data.load import load
from kerasnotes.data.outline import known_outline
from kerasnotes.data.sets.spring_intervals import SpringOptions, draw, measure

pytestmark = pytest.mark.once


def springs_of(x):
    """Lanczos' way from eigenvalues and first components to the springs."""
    squares, weights = (2 * np.pi * x[:3]) ** 2, x[3:]
    v, before, beta, found = np.sqrt(weights), np.zeros(3), 0.0, []
    for _ in range(3):
        w = squares * v
        alpha = w @ v
        found.append((alpha, beta))
        w = w - alpha * v - beta * before
        before, beta = v, np.linalg.norm(w)
        v = w / beta if beta > 1e-9 else w
    # k_2, k_3 stand beside the diagonal; k_1 is what is left of its first.
    k2, k3 = found[1][1], found[2][1]
    return np.array([found[0][0] - k2, k2, k3])


def test_measurements_determine_the_springs():
    k = np.random.default_rng(0).uniform(0.6, 1.4, (20, 3))
    x = measure(k)
    np.testing.assert_allclose([springs_of(row) for row in x], k, atol=1e-9)
    # The product of all (2 pi f)^2 is the determinant, k1 k2 k3.
    determinants = np.prod((2 * np.pi * x[:, :3]) ** 2, axis=1)
    np.testing.assert_allclose(determinants, k.prod(axis=1), rtol=1e-9)


def test_the_population_reaches_its_ends():
    parts = draw(SpringOptions(cases=50, population=20, low=0.9, high=1.1))
    x, k = parts["test"]
    assert x.shape == (20, 6)
    np.testing.assert_allclose([k.min(0), k.max(0)], [[0.9] * 3, [1.1] * 3])
    assert parts["train"][1].min() < 0.8
    noisy, same = draw(SpringOptions(cases=50, noise=0.01))["train"]
    np.testing.assert_array_equal(same, parts["train"][1])
    assert (noisy / measure(same)).std() == pytest.approx(0.01, rel=0.2)


def test_it_is_a_table_with_a_test_part_of_its_own():
    config = DataConfig(source="spring-chain:cases=100,population=30")
    data = load(config)
    assert data.spec.target.names == ("k1", "k2", "k3")
    assert len(data.test) == 30
    assert known_outline(config)[0] == data.spec
    with pytest.raises(UsageError, match="are given, and measured"):
        load(DataConfig(source="spring-chain", labels="classes"))
    with pytest.raises(UsageError, match="not below"):
        load(DataConfig(source="spring-chain:low=1.1,high=0.9"))
