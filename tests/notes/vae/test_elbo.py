"""Parts of the evidence bound against NumPy, SciPy and Monte-Carlo."""

import numpy as np
import pytest
from keras import ops
from scipy import special, stats

from kerasnotes.losses.gaussian import kl_per_latent
from kerasnotes.notes.vae import elbo
from tests.checks import to_numpy


def tensor(array):
    return ops.convert_to_tensor(np.asarray(array, "float32"))


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_bernoulli_is_the_log_probability_of_bits(rng):
    x = rng.integers(0, 2, (5, 3, 4, 1)).astype("float32")
    logits = rng.normal(0, 3, x.shape).astype("float32")
    found = to_numpy(elbo.bernoulli_log_likelihood(tensor(x), tensor(logits)))
    p = special.expit(logits.astype("float64"))
    right = stats.bernoulli.logpmf(x, p).sum(axis=(1, 2, 3))
    assert found.shape == (5,)
    np.testing.assert_allclose(found, right, rtol=1e-5)


def test_bernoulli_of_grey_values_is_the_cross_entropy(rng):
    x = rng.random((6, 8)).astype("float32")
    logits = rng.normal(0, 2, x.shape).astype("float32")
    found = to_numpy(elbo.bernoulli_log_likelihood(tensor(x), tensor(logits)))
    p = special.expit(logits.astype("float64"))
    right = (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)
    np.testing.assert_allclose(found, right, rtol=1e-5)


def test_bernoulli_of_grey_values_is_no_density():
    """At p = 1/2 its exponential is 1/2 everywhere: the integral is not 1."""
    x = np.linspace(0, 1, 1001, dtype="float32")[:, None]
    score = elbo.bernoulli_log_likelihood(tensor(x), tensor(np.zeros_like(x)))
    total = np.trapezoid(np.exp(to_numpy(score)), x[:, 0])
    assert total == pytest.approx(0.5, rel=1e-4)


def test_bernoulli_of_sure_answers_is_finite():
    x, logits = tensor([[0.0, 1.0], [1.0, 0.0]]), tensor([[200.0, -200.0]] * 2)
    found = to_numpy(elbo.bernoulli_log_likelihood(x, logits))
    np.testing.assert_allclose(found, [-400.0, 0.0], atol=1e-5)


def test_half_precision_is_left_before_the_sum():
    x = ops.ones((1, 40_000), dtype="float16")
    found = to_numpy(elbo.bernoulli_log_likelihood(x, -3 * x))
    assert found.dtype == np.float32
    right = -40_000 * np.log1p(np.exp(3.0))
    assert found[0] == pytest.approx(right, rel=1e-3)


@pytest.mark.parametrize("shape", [(4, 7), (4, 2, 3, 1)])
def test_gaussian_is_the_log_density(shape, rng):
    x, mean = rng.normal(size=(2, *shape)).astype("float32")
    for log_var in (np.float32(-2.0), rng.normal(size=shape)):
        found = elbo.gaussian_log_likelihood(
            tensor(x), tensor(mean), tensor(log_var)
        )
        right = stats.norm.logpdf(x, mean, np.exp(log_var / 2))
        np.testing.assert_allclose(
            to_numpy(found), right.reshape(4, -1).sum(axis=1), rtol=1e-4
        )


def test_free_bits_are_per_latent_of_the_mean_of_the_batch():
    kl = tensor([[0.0, 1.0, 5.0], [0.4, 2.0, 0.0]])
    for free, right in ((0.0, 0.2 + 1.5 + 2.5), (1.0, 1 + 1.5 + 2.5), (3, 9)):
        found = float(to_numpy(elbo.with_free_bits(kl, free)))
        assert found == pytest.approx(right)


def test_prior_over_posterior_is_that_of_the_densities(rng):
    mean, log_var = rng.normal(size=(2, 5, 1, 3)).astype("float32")
    noise = rng.standard_normal((5, 8, 3), "float32")
    std = np.exp(log_var / 2)
    z = mean + std * noise
    found = elbo.log_prior_ratio(tensor(z), tensor(noise), tensor(log_var))
    right = stats.norm.logpdf(z) - stats.norm.logpdf(z, mean, std)
    np.testing.assert_allclose(
        to_numpy(found), right.sum(axis=-1), rtol=1e-3, atol=1e-4
    )


def test_prior_over_posterior_is_minus_the_kl_on_average(rng):
    mean, log_var = np.float32([[[1.0, -0.5]]]), np.float32([[[-1.0, 0.7]]])
    noise = rng.standard_normal((1, 200_000, 2), "float32")
    z = mean + np.exp(log_var / 2) * noise
    drawn = to_numpy(
        elbo.log_prior_ratio(tensor(z), tensor(noise), tensor(log_var))
    )
    kl = to_numpy(kl_per_latent(tensor(mean), tensor(log_var))).sum()
    error = drawn.std() / np.sqrt(drawn.size)
    assert -drawn.mean(dtype="float64") == pytest.approx(kl, abs=4 * error)


def test_the_importance_bound_is_a_mean_of_weights(rng):
    weights = rng.normal(-90, 4, (6, 50))
    found = to_numpy(elbo.importance_bound(tensor(weights)))
    right = special.logsumexp(weights, axis=1) - np.log(50)
    np.testing.assert_allclose(found, right, rtol=1e-5)
    # Far below what float32 can exponentiate.
    found = to_numpy(elbo.importance_bound(tensor(weights - 1e4)))
    np.testing.assert_allclose(found, right - 1e4, rtol=1e-5)


def test_the_importance_bound_of_one_sample_is_that_sample(rng):
    weights = rng.normal(-90, 4, (6, 1)).astype("float32")
    found = to_numpy(elbo.importance_bound(tensor(weights)))
    np.testing.assert_array_equal(found, weights[:, 0])
