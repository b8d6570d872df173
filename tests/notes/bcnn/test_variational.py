"""Bayesian layers against NumPy and large samples."""

import keras
import numpy as np
import pytest
from keras import ops
from scipy import integrate, signal

from kerasnotes.notes.bcnn.bayesian_conv import BayesianConv2D
from kerasnotes.notes.bcnn.bayesian_dense import BayesianDense
from kerasnotes.notes.bcnn.prior import Prior
from tests.checks import check_layer, to_numpy

PRIOR = Prior(0.1)
MIXTURE = Prior(0.5, 0.05, 0.3)
DRAWS = 40_000
CALLS = 400


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def fill(layer, shape, rng):
    """Builds a layer with every weight another, deviations of 0.1 to 1."""
    layer.build(shape)
    for mean in (layer.kernel_mean, layer.bias_mean):
        mean.assign(rng.normal(0, 0.5, tuple(mean.shape)))
    for rho in (layer.kernel_rho, layer.bias_rho):
        std = rng.uniform(0.1, 1.0, tuple(rho.shape))
        rho.assign(np.log(np.expm1(std)))
    return layer


def posterior(layer):
    """Mean and deviation of kernel and bias, in NumPy."""
    mean = [to_numpy(v) for v in (layer.kernel_mean, layer.bias_mean)]
    rho = [to_numpy(v) for v in (layer.kernel_rho, layer.bias_rho)]
    return mean, [np.log1p(np.exp(r)) for r in rho]


def convolve(x, kernel, strides, padding):
    """The same sums by SciPy, one image and one filter at a time."""
    mode = {"same": "same", "valid": "valid"}[padding]
    maps = [
        sum(
            signal.correlate2d(image[..., c], kernel[..., c, f], mode)
            for c in range(x.shape[-1])
        )
        for image in x
        for f in range(kernel.shape[-1])
    ]
    y = np.reshape(maps, (len(x), kernel.shape[-1], *maps[0].shape))
    return y.transpose(0, 2, 3, 1)[:, ::strides, ::strides]


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (lambda: BayesianDense(5, prior=PRIOR), (2, 3), (2, 5)),
        (
            lambda: BayesianConv2D(
                5, 3, strides=2, padding="valid", prior=MIXTURE, estimator="bbb"
            ),
            (2, 8, 7, 3),
            (2, 3, 3, 5),
        ),
        (
            lambda: BayesianConv2D(
                4, 5, strides=2, padding="same", prior=PRIOR
            ),
            (2, 8, 7, 1),
            (2, 4, 4, 4),
        ),
    ],
    ids=["dense", "valid", "same"],
)
def test_as_every_layer(layer, shape, expected, rng, tmp_path):
    x = rng.normal(size=shape).astype("float32")
    check_layer(layer(), [x], expected, tmp_path)


@pytest.mark.parametrize("padding", ["same", "valid"])
def test_without_training_the_means_are_used(padding, rng):
    layer = BayesianConv2D(4, 3, padding=padding, prior=PRIOR)
    x = rng.normal(size=(2, 6, 5, 3)).astype("float32")
    fill(layer, x.shape, rng)
    (kernel, bias), _ = posterior(layer)
    expected = convolve(x, kernel, 1, padding) + bias
    found = to_numpy(layer(x, training=False))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_array_equal(to_numpy(layer(x)), found)


@pytest.mark.parametrize("estimator", ["lrt", "bbb"])
def test_given_noise_the_weights_are_the_drawn_ones(estimator, rng):
    layer = BayesianConv2D(
        4, 3, padding="valid", prior=PRIOR, estimator=estimator
    )
    x = rng.normal(size=(2, 6, 5, 3)).astype("float32")
    fill(layer, x.shape, rng)
    mean, std = posterior(layer)
    noise = [rng.normal(size=m.shape).astype("float32") for m in mean]
    kernel, bias = (m + s * e for m, s, e in zip(mean, std, noise, strict=True))
    found = to_numpy(layer(x, noise=tuple(noise)))
    expected = convolve(x, kernel, 1, "valid") + bias
    np.testing.assert_allclose(found, expected, atol=1e-4)


def moments_of_draws(layer, x):
    """Mean and variance of the outputs over `DRAWS / B` draws each."""
    many = np.repeat(x, DRAWS // len(x), axis=0)
    y = to_numpy(layer(many, training=True)).astype("float64")
    y = y.reshape(len(x), DRAWS // len(x), *y.shape[1:])
    return y.mean(axis=1), y.var(axis=1)


@pytest.mark.parametrize("kind", ["dense", "conv"])
def test_the_local_trick_has_the_mean_and_variance_of_numpy(kind, rng):
    if kind == "dense":
        layer = BayesianDense(3, prior=PRIOR, seed=1)
        x = rng.normal(size=(4, 6)).astype("float32")
        linear = np.matmul
    else:
        layer = BayesianConv2D(2, 3, padding="same", prior=PRIOR, seed=1)
        x = rng.normal(size=(4, 3, 4, 2)).astype("float32")

        def linear(x, kernel):
            return convolve(x, kernel, 1, "same")

    fill(layer, x.shape, rng)
    mean, std = posterior(layer)
    expected = linear(x, mean[0]) + mean[1]
    variance = linear(x**2, std[0] ** 2) + std[1] ** 2
    found, spread = moments_of_draws(layer, x)
    count = DRAWS // len(x)
    # Five standard errors of a mean and of a normal sample's variance.
    limit = 5 * np.sqrt(variance / count)
    assert (np.abs(found - expected) < limit).all()
    limit = 5 * variance * np.sqrt(2 / count)
    assert (np.abs(spread - variance) < limit).all()


def test_both_estimators_agree_in_expectation(rng):
    x = rng.normal(size=(4, 6)).astype("float32")
    one = fill(BayesianDense(3, prior=PRIOR, seed=1), x.shape, rng)
    other = BayesianDense(3, prior=PRIOR, estimator="bbb", seed=2)
    other.build(x.shape)
    for new, old in zip(other.weights, one.weights, strict=True):
        new.assign(old)
    mean, variance = moments_of_draws(one, x)
    # Sampled weights are shared by a batch: a call is one draw.
    drawn = [to_numpy(other(x, training=True)) for _ in range(CALLS)]
    limit = 5 * np.sqrt(variance / CALLS)
    assert (np.abs(np.mean(drawn, axis=0) - mean) < limit).all()
    limit = 6 * variance * np.sqrt(2 / CALLS)
    assert (np.abs(np.var(drawn, axis=0) - variance) < limit).all()


def test_noise_is_one_number_an_output_or_one_kernel_a_batch(rng):
    x = np.repeat(rng.normal(size=(1, 5, 5, 1)), 6, axis=0).astype("float32")
    for estimator in ("lrt", "bbb"):
        layer = BayesianConv2D(2, 3, prior=PRIOR, estimator=estimator, seed=3)
        fill(layer, x.shape, rng)
        first = to_numpy(layer(x, training=True))
        second = to_numpy(layer(x, training=True))
        assert np.abs(first - second).max() > 0.1
        mean = to_numpy(layer(x, training=False))
        shared = np.ptp(first - mean, axis=0).max()
        assert (shared > 0.1) if estimator == "lrt" else (shared < 1e-5)
        # Not one number a filter either, as the notes have it.
        assert np.ptp((first - mean)[0, :, :, 0]) > 0.1


def test_an_input_of_zeros_has_a_finite_gradient():
    """The root of a variance of 0 has an infinite slope."""
    layer = BayesianDense(2, prior=PRIOR, initial_rho=-20.0, seed=0)
    inputs = keras.Input((3,))
    model = keras.Model(inputs, layer(inputs))
    model.compile(keras.optimizers.SGD(0.1), loss="mse")
    x = np.zeros((4, 3), "float32")
    model.fit(x, np.ones((4, 2), "float32"), epochs=2, verbose=0)
    assert all(np.isfinite(to_numpy(w)).all() for w in model.weights)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("estimator", ["lrt", "bbb"])
def test_half_precision_is_finite(policy, estimator):
    """The floor of the variance is 0 in float16."""
    layer = BayesianDense(
        2, prior=MIXTURE, estimator=estimator, dtype=policy, seed=0
    )
    x = np.array([[0, 0, 0], [50, -80, 3]], "float32")
    y = layer(x, training=True)
    assert keras.backend.standardize_dtype(y.dtype) == policy[6:]
    assert np.isfinite(to_numpy(ops.cast(y, "float32"))).all()
    total = layer.divergence()
    assert keras.backend.standardize_dtype(total.dtype) == "float32"


@pytest.mark.parametrize("layer_class", [BayesianDense, BayesianConv2D])
def test_the_divergence_counts_kernel_and_bias_once(layer_class, rng):
    size = (3,) if layer_class is BayesianConv2D else ()
    layer = layer_class(4, *size, prior=PRIOR)
    fill(layer, (1, 6, 6, 2) if size else (1, 5), rng)
    mean, std = posterior(layer)
    expected = sum(
        (np.log(0.1 / s) + (s**2 + m**2) / (2 * 0.1**2) - 0.5).sum(
            dtype="float64"
        )
        for m, s in zip(mean, std, strict=True)
    )
    assert float(to_numpy(layer.divergence())) == pytest.approx(
        expected, rel=1e-5
    )


def test_a_mixtures_divergence_is_right_on_average(rng):
    """Draws of one weight's divergence, against its integral."""
    mean, std = 0.2, 0.15

    def integrand(w):
        q = np.exp(-0.5 * ((w - mean) / std) ** 2) / (std * np.sqrt(2 * np.pi))
        p = sum(
            part * np.exp(-0.5 * (w / s) ** 2) / (s * np.sqrt(2 * np.pi))
            for part, s in ((0.3, 0.5), (0.7, 0.05))
        )
        return q * np.log(q / p)

    expected, _ = integrate.quad(integrand, mean - 8 * std, mean + 8 * std)
    count = 200_000
    noise = rng.standard_normal(count).astype("float32")
    ones = np.ones(count, "float32")
    total = float(to_numpy(MIXTURE.divergence(mean * ones, std * ones, noise)))
    assert total / count == pytest.approx(expected, rel=0.02)


def test_a_layer_draws_its_mixtures_divergence_anew(rng):
    layer = fill(BayesianDense(40, prior=MIXTURE, seed=0), (1, 30), rng)
    first, second = (float(to_numpy(layer.divergence())) for _ in range(2))
    assert first != second
    assert first == pytest.approx(second, rel=0.2)


@pytest.mark.once
def test_an_unknown_estimator_is_refused():
    with pytest.raises(ValueError, match="estimator='flipout'"):
        BayesianDense(2, prior=PRIOR, estimator="flipout")
