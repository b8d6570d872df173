"""Fréchet distance against closed forms and SciPy's matrix root."""

import numpy as np
import pytest
import scipy.linalg

from kerasnotes.base.config import DataConfig
from kerasnotes.data.load import load
from kerasnotes.metrics.frechet import distance, moments
from kerasnotes.metrics.two_sample import two_sample_accuracy

pytestmark = pytest.mark.once


def exact_samples(rng, mean, covariance, count=200):
    """Samples whose mean and unbiased covariance are exactly as told."""
    x = rng.standard_normal((count, len(mean)))
    x -= x.mean(axis=0)
    white = x @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T))).T
    root = np.real(scipy.linalg.sqrtm(covariance))
    return mean + white @ root


def by_definition(a, b):
    """The formula with SciPy's root of the product of the covariances."""
    left, right = np.cov(a.T), np.cov(b.T)
    gap = a.mean(axis=0) - b.mean(axis=0)
    root = np.real(scipy.linalg.sqrtm(left @ right))
    return gap @ gap + np.trace(left + right - 2 * root)


def test_of_commuting_covariances_it_is_the_distance_of_the_deviations(rng):
    mean_a, mean_b = np.array([1.0, -2.0, 0.5]), np.array([0.0, 1.0, 0.5])
    std_a, std_b = np.array([1.0, 2.0, 0.3]), np.array([3.0, 0.1, 0.3])
    a = exact_samples(rng, mean_a, np.diag(std_a**2))
    b = exact_samples(rng, mean_b, np.diag(std_b**2))
    expected = np.sum((mean_a - mean_b) ** 2) + np.sum((std_a - std_b) ** 2)
    assert distance(moments(a), moments(b)) == pytest.approx(expected, rel=1e-9)


def test_of_general_covariances_it_is_the_definition(rng):
    a = rng.standard_normal((300, 6)) @ rng.standard_normal((6, 6))
    b = rng.standard_normal((80, 6)) @ rng.standard_normal((6, 6)) + 1
    expected = by_definition(a, b)
    assert distance(moments(a), moments(b)) == pytest.approx(expected, rel=1e-9)
    assert distance(moments(b), moments(a)) == pytest.approx(expected, rel=1e-9)


def test_constant_and_repeated_columns_do_no_harm(rng):
    a = rng.standard_normal((100, 3)) @ rng.standard_normal((3, 3))
    b = rng.standard_normal((90, 3)) @ rng.standard_normal((3, 3))
    wide_a = np.hstack([a, np.full((100, 2), 7.0)])
    wide_b = np.hstack([b, np.full((90, 2), 7.0)])
    expected = by_definition(a, b)
    assert distance(moments(wide_a), moments(wide_b)) == pytest.approx(expected)
    # An orthogonal turn of the space changes nothing.
    turn = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    turned = distance(moments(wide_a @ turn), moments(wide_b @ turn))
    assert turned == pytest.approx(expected)


def test_fewer_samples_than_columns(rng):
    a, b = rng.standard_normal((7, 40)), rng.standard_normal((9, 40)) + 0.1
    left, right = np.cov(a.T), np.cov(b.T)
    values, vectors = np.linalg.eigh(left)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    inner = np.linalg.eigvalsh(root @ right @ root)
    gap = a.mean(axis=0) - b.mean(axis=0)
    expected = gap @ gap + np.trace(left + right)
    expected -= 2 * np.sqrt(np.maximum(inner, 0)).sum()
    assert distance(moments(a), moments(b)) == pytest.approx(expected, rel=1e-6)


def test_of_a_set_with_itself_it_is_zero(rng):
    x = rng.standard_normal((50, 8))
    assert distance(moments(x), moments(x)) == pytest.approx(0, abs=1e-12)
    assert distance(moments(x), moments(x[::-1])) >= 0


def test_draws_have_the_moments_of_the_samples(rng):
    x = rng.standard_normal((40, 3)) @ rng.standard_normal((3, 3)) + 5
    drawn = moments(x).draw(200_000, rng)
    np.testing.assert_allclose(drawn.mean(axis=0), x.mean(axis=0), atol=0.03)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(x.T), atol=0.08)


def test_the_floors_of_the_digits_are_the_known_ones():
    """Pixels in [-1, 1], 1,297 train and 500 test images."""
    data = load(DataConfig(source="digits", validation=0, test=500 / 1797))
    train, test = (
        split.x.reshape(len(split), -1) / 8.0 - 1.0
        for split in (data.train, data.test)
    )
    rng = np.random.default_rng(0)
    gauss = np.clip(moments(train).draw(2_000, rng), -1, 1)
    assert (len(train), len(test)) == (1297, 500)
    assert distance(moments(train), moments(test)) == pytest.approx(
        0.30, abs=0.02
    )
    assert distance(moments(gauss), moments(test)) == pytest.approx(
        1.04, abs=0.05
    )
    assert two_sample_accuracy(train, test) == pytest.approx(0.5, abs=0.04)
    assert two_sample_accuracy(gauss, test) == pytest.approx(0.92, abs=0.03)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((1, 2)), "N >= 2"),
        (np.zeros(4), r"\(N, D\)"),
        (np.full((5, 2), np.nan), "finite"),
    ],
)
def test_what_is_no_set_of_samples_is_refused(x, message):
    with pytest.raises(ValueError, match=message):
        moments(x)
