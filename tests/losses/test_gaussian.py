"""Normal densities and divergences against SciPy, integrals and draws."""

import keras
import numpy as np
import pytest
from scipy import integrate, special, stats

from kerasnotes.losses import gaussian
from tests.checks import to_numpy


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def arrays(rng, *shape):
    """Means of any sign and deviations from 0.05 to 3, float32."""
    mean = rng.normal(0, 2, shape).astype("float32")
    std = np.exp(rng.uniform(-3, 1.1, shape)).astype("float32")
    return mean, std


def kl_by_integral(q_mean, q_std, p_mean, p_std):
    """`integral q (log q - log p)` by quadrature."""
    q, p = stats.norm(q_mean, q_std), stats.norm(p_mean, p_std)
    value, _ = integrate.quad(
        lambda w: q.pdf(w) * (q.logpdf(w) - p.logpdf(w)),
        q_mean - 12 * q_std,
        q_mean + 12 * q_std,
        epsabs=1e-10,
    )
    return value


def test_kl_is_the_integral(rng):
    q_mean, q_std = arrays(rng, 7)
    p_mean, p_std = arrays(rng, 7)
    found = to_numpy(gaussian.kl_normal(q_mean, q_std, p_mean, p_std))
    parts = zip(q_mean, q_std, p_mean, p_std, strict=True)
    expected = [kl_by_integral(*map(float, part)) for part in parts]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_kl_is_that_of_the_posterior_from_the_prior():
    """0.1 from 1 costs 1.81 nats; 1 from 0.1, the usual mistake, 47."""
    right = float(to_numpy(gaussian.kl_normal(0.0, 0.1, 0.0, 1.0)))
    wrong = float(to_numpy(gaussian.kl_normal(0.0, 1.0, 0.0, 0.1)))
    assert right == pytest.approx(np.log(10) + 0.005 - 0.5, rel=1e-6)
    assert wrong == pytest.approx(-np.log(10) + 50 - 0.5, rel=1e-6)


def test_kl_is_the_mean_of_the_log_ratio(rng):
    """A million draws of `log q - log p` from q."""
    mean, std, prior = 0.3, 0.2, 0.5
    w = (mean + std * rng.standard_normal(10**6)).astype("float32")
    log_ratio = to_numpy(
        gaussian.log_normal(w, mean, std) - gaussian.log_normal(w, 0.0, prior)
    )
    error = log_ratio.std() / 1e3
    expected = float(to_numpy(gaussian.kl_normal(mean, std, 0.0, prior)))
    assert abs(log_ratio.mean(dtype="float64") - expected) < 4 * error
    assert error < 1e-3 * expected


def test_equal_distributions_diverge_by_nothing(rng):
    mean, std = arrays(rng, 50)
    found = to_numpy(gaussian.kl_normal(mean, std, mean, std))
    np.testing.assert_array_equal(found, 0.0)


def test_a_latents_divergence_is_that_from_the_standard_normal(rng):
    mean, std = arrays(rng, 4, 3, 5)
    found = to_numpy(gaussian.kl_per_latent(mean, 2 * np.log(std)))
    expected = to_numpy(gaussian.kl_normal(mean, std, 0.0, 1.0))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_densities_are_scipys(rng):
    mean, std = arrays(rng, 20)
    x = rng.normal(0, 3, 20).astype("float32")
    found = to_numpy(gaussian.log_normal(x, mean, std))
    expected = stats.norm(mean, std).logpdf(x)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    found = to_numpy(gaussian.log_scale_mixture(x, 0.3, wide=2.0, narrow=0.1))
    parts = [stats.norm(0, s).logpdf(x) for s in (2.0, 0.1)]
    expected = special.logsumexp(parts, axis=0, b=np.array([[0.3], [0.7]]))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_a_mixture_far_out_is_finite():
    """Both densities underflow there; their logarithms do not."""
    x = np.array([0.0, 1.0, 1e3], "float32")
    found = to_numpy(gaussian.log_scale_mixture(x, 0.5, wide=1, narrow=1e-3))
    expected = np.log(0.5) - 0.5 * 1e6 - gaussian.LOG_2PI / 2
    assert found[2] == pytest.approx(expected, rel=1e-5)
    assert np.isfinite(found).all()


def test_all_is_float32_whatever_comes_in():
    half = np.array([0.5, 12.0], "float16")
    for result in (
        gaussian.kl_normal(half, half, 0.0, 1.0),
        gaussian.log_normal(half, 0.0, 1.0),
        gaussian.kl_per_latent(half, half),
        gaussian.log_scale_mixture(half, 0.5, wide=1.0, narrow=0.1),
    ):
        assert keras.backend.standardize_dtype(result.dtype) == "float32"
        # exp(12) is infinite in float16.
        assert np.isfinite(to_numpy(result)).all()
