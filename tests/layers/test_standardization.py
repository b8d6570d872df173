import keras
import numpy as np
import pytest

from kerasnotes.layers.standardization import standardization
from tests.checks import check_saving, to_numpy


def test_is_the_z_score_and_keeps_constant_features_finite():
    x = np.array([[1.0, 10.0, 7.0], [3.0, 30.0, 7.0], [5.0, 20.0, 9.0]])
    train = x[:2]
    layer = standardization(train.mean(0), train.var(0), "standardize")
    expected = np.stack(
        [(x[:, 0] - 2) / 1, (x[:, 1] - 20) / 10, x[:, 2] - 7], axis=1
    )
    np.testing.assert_allclose(
        to_numpy(layer(x.astype("float32"))), expected, atol=1e-6
    )


@pytest.mark.parametrize("size", [1e-30, 1e-12, 1e-6, 1.0, 1e9, 1e24])
def test_units_do_not_matter(size):
    rng = np.random.default_rng(0)
    plain = rng.normal(3, 2, (200, 2))
    x = plain * [size, 1.0]
    layer = standardization(x.mean(0), x.var(0), "standardize")
    expected = (plain - plain.mean(0)) / plain.std(0)
    found = to_numpy(layer(x.astype("float32")))
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_rounding_is_no_variation():
    mean, variance = [1e6, 0.1], [(1e6 * 1e-10) ** 2, 1e-34]
    layer = standardization(mean, variance, "standardize")
    found = to_numpy(layer(np.array([[1e6 + 2, 0.35]], "float32")))
    np.testing.assert_allclose(found, [[2, 0.25]], atol=1e-6)


def test_a_model_with_small_units_is_saved(tmp_path):
    inputs = keras.Input((2,))
    layer = standardization([1e-9, 5.0], [1e-20, 4.0], "standardize")
    model = keras.Model(inputs, layer(inputs))
    check_saving(model, np.array([[2e-9, 7.0]], "float32"), tmp_path)
