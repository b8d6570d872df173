import numpy as np
import pytest

from kerasnotes.notes.ddpm.spatial_attention import SpatialAttention
from tests.checks import check_layer, to_numpy


def expected(x, weights, key_dim):
    """One pixel and one head at a time, in float64."""
    kernel, bias, out_kernel, out_bias = [w.astype("float64") for w in weights]
    batch, height, width, channels = x.shape
    flat = x.reshape(batch, height * width, channels).astype("float64")
    query, key, value = np.split(flat @ kernel + bias, 3, axis=-1)
    mixed = np.zeros_like(flat)
    for image in range(batch):
        for head in range(channels // key_dim):
            part = slice(head * key_dim, (head + 1) * key_dim)
            for pixel in range(height * width):
                score = key[image, :, part] @ query[image, pixel, part]
                weight = np.exp(score / np.sqrt(key_dim))
                weight /= weight.sum()
                mixed[image, pixel, part] = weight @ value[image, :, part]
    return (mixed @ out_kernel + out_bias).reshape(x.shape)


def test_against_numpy():
    rng = np.random.default_rng(0)
    x = rng.normal(0, 1, (2, 3, 2, 8)).astype("float32")
    layer = SpatialAttention(4)
    layer.build(x.shape)
    weights = [
        rng.normal(0, 0.5, w.shape).astype("float32")
        for w in layer.get_weights()
    ]
    layer.set_weights(weights)
    right = expected(x, weights, 4)
    np.testing.assert_allclose(to_numpy(layer(x)), right, atol=1e-5)


def test_checks(tmp_path):
    x = np.random.default_rng(1).normal(0, 1, (2, 3, 4, 8)).astype("float32")
    check_layer(SpatialAttention(8), [x], x.shape, tmp_path)


def test_heads_must_fit():
    with pytest.raises(ValueError, match="key_dim=3, channels=8"):
        SpatialAttention(3)(np.ones((1, 2, 2, 8), "float32"))
