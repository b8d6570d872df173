"""Interval layers against the corners of every product, in NumPy."""

import keras
import numpy as np
import pytest

from kerasnotes.layers.interval.interval_batch_norm import IntervalBatchNorm
from kerasnotes.layers.interval.interval_conv import IntervalConv2D
from kerasnotes.layers.interval.interval_dense import IntervalDense
from tests.checks import to_numpy

DRAWS = 100_000


def interval(rng, shape, signs="any"):
    """Ends of about as many intervals above, below and around 0."""
    centre, radius = rng.normal(size=shape), rng.exponential(0.7, shape)
    if signs == "point":
        radius = 0 * radius
    low, high = centre - radius, centre + radius
    if signs == "non-negative":
        low, high = np.maximum(low, 0), np.maximum(high, 0)
    return low.astype("float32"), high.astype("float32")


def randomize(layer, rng):
    """Gives a layer wide offsets, so that many weights hold 0 inside."""
    layer.set_weights(
        [
            rng.normal(0, 0.25 if "_" in w.path.split("/")[-1] else 1, w.shape)
            for w in layer.weights
        ]
    )


def ends_of(layer, name):
    """Ends of a weight by its definition, float64."""
    weights = {w.path.split("/")[-1]: to_numpy(w) for w in layer.weights}
    value = weights[name].astype("float64")
    below, above = (
        np.log1p(np.exp(4 * weights[f"{name}_{end}"].astype("float64")))
        for end in ("below", "above")
    )
    return value - below, value + above


def corners(x, w):
    """Range of `sum_d x_d w_d`, of `(..., D)` and `(D, U)`: four corners."""
    low, high = (end.astype("float64")[..., None] for end in x)
    every = np.stack([a * b for a in (low, high) for b in w])
    return every.min(0).sum(-2), every.max(0).sum(-2)


@pytest.mark.parametrize("signs", ["any", "non-negative", "point"])
def test_a_dense_layer_is_exact(signs):
    rng = np.random.default_rng(0)
    layer = IntervalDense(5, signs=signs)
    x = interval(rng, (7, 6), signs)
    layer(x[0])
    randomize(layer, rng)
    expected = corners(x, ends_of(layer, "kernel"))
    for ours, theirs, bias in zip(
        layer(x[0], *x)[1:], expected, ends_of(layer, "bias"), strict=True
    ):
        np.testing.assert_allclose(
            to_numpy(ours), theirs + bias, rtol=0, atol=1e-5
        )


@pytest.mark.parametrize("signs", ["any", "non-negative", "point"])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_a_convolution_is_exact(signs, padding):
    rng = np.random.default_rng(1)
    layer = IntervalConv2D(4, 3, strides=2, padding=padding, signs=signs)
    x = interval(rng, (2, 7, 6, 3), signs)
    layer(x[0])
    randomize(layer, rng)
    # 'same' of TensorFlow: what is missing goes to the far side first.
    before, rows, columns = (1, 4, 3) if padding == "same" else (0, 3, 2)
    padded = [np.pad(end, ((0, 0), (before,) * 2, (0, 1), (0, 0))) for end in x]
    if padding == "valid":
        padded = x
    kernel = [w.reshape(-1, 4) for w in ends_of(layer, "kernel")]
    found = [to_numpy(end) for end in layer(x[0], *x)[1:]]
    assert found[0].shape == (2, rows, columns, 4)
    assert layer.compute_output_shape(x[0].shape) == found[0].shape
    for row in range(rows):
        for column in range(columns):
            top, left = 2 * row, 2 * column
            patch = [
                end[:, top : top + 3, left : left + 3].reshape(2, -1)
                for end in padded
            ]
            expected = corners(patch, kernel)
            for ours, theirs, bias in zip(
                found, expected, ends_of(layer, "bias"), strict=True
            ):
                np.testing.assert_allclose(
                    ours[:, row, column], theirs + bias, rtol=0, atol=1e-5
                )


def test_a_normalization_turns_ends_where_its_scale_is_negative():
    rng = np.random.default_rng(2)
    layer = IntervalBatchNorm(epsilon=1e-3)
    x = interval(rng, (9, 3))
    layer(x[0])
    gamma, beta, mean = rng.normal(size=(3, 3)) - [[0.5], [0], [0]]
    variance = rng.uniform(0.5, 2, 3)
    layer.set_weights(
        [w.astype("float32") for w in (gamma, beta, mean, variance)]
    )
    assert (gamma < 0).any()
    assert (gamma > 0).any()
    both = [(end - mean) / np.sqrt(variance + 1e-3) * gamma + beta for end in x]
    _, low, high = layer(x[0], *x)
    np.testing.assert_allclose(to_numpy(low), np.minimum(*both), atol=1e-5)
    np.testing.assert_allclose(to_numpy(high), np.maximum(*both), atol=1e-5)


def test_a_network_holds_every_draw():
    """100,000 draws of inputs and all weights: none lies outside."""
    rng = np.random.default_rng(3)
    first, second = IntervalDense(4), IntervalDense(2)
    norm = IntervalBatchNorm(epsilon=1e-3)
    x = interval(rng, (1, 3))
    for layer in (first, second):
        layer.build((1, 3 if layer is first else 4))
        randomize(layer, rng)
    norm.build((1, 4))
    scale = np.array([-1.5, 0.7, -0.2, 1.1], "float32")
    norm.set_weights([scale, scale / 2, scale / 3, np.ones(4, "float32")])
    ends = [keras.ops.tanh(end) for end in first(x[0], *x)[1:]]
    low, high = (to_numpy(end)[0] for end in second(*norm(ends[0], *ends))[1:])

    def draw(ends):
        # Half of them are corners, where an end would be crossed first.
        part = rng.uniform(size=(DRAWS, *ends[0].shape))
        part[::2] = part[::2] < 0.5
        return ends[0] + part * (ends[1] - ends[0])

    h = draw([end[0].astype("float64") for end in x])
    h = np.einsum("nd,ndu->nu", h, draw(ends_of(first, "kernel")))
    h = np.tanh(h + draw(ends_of(first, "bias")))
    h = (h - scale / 3) / np.sqrt(1 + 1e-3) * scale + scale / 2
    h = np.einsum("nd,ndu->nu", h, draw(ends_of(second, "kernel")))
    h = h + draw(ends_of(second, "bias"))
    assert ((h < low - 1e-5) | (h > high + 1e-5)).sum() == 0
    # And the bounds are no wider than by what one weight would move them.
    assert (h.min(0) - low < (high - low) / 3).all()
    assert (high - h.max(0) < (high - low) / 3).all()


def test_a_dense_layer_alone_is_a_dense_layer():
    rng = np.random.default_rng(4)
    layer = IntervalDense(2)
    x = rng.normal(size=(5, 3)).astype("float32")
    layer(x)
    randomize(layer, rng)
    kernel, bias = (to_numpy(w) for w in layer.values)
    np.testing.assert_allclose(to_numpy(layer(x)), x @ kernel + bias, atol=1e-5)
    twin = IntervalDense.from_config(layer.get_config())
    assert twin.get_config() == layer.get_config()
