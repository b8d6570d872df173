"""Normal numbers, against SciPy's distribution."""

import keras
import numpy as np
import pytest
from scipy import stats

from kerasnotes.backends.kernels.unit_normal import unit_normal
from tests.checks import to_numpy


def draw(shape, seed=0):
    return to_numpy(unit_normal(shape, keras.random.SeedGenerator(seed)))


def test_distribution_is_normal():
    noise = draw((400, 500)).ravel()
    assert stats.kstest(noise, "norm").pvalue > 1e-3
    # Of x^2 and x^4: 1 and 3, with deviations sqrt(2 / n), sqrt(96 / n).
    assert np.mean(noise**2) == pytest.approx(
        1, abs=5 * (2 / noise.size) ** 0.5
    )
    assert np.mean(noise**4) == pytest.approx(
        3, abs=5 * (96 / noise.size) ** 0.5
    )
    assert np.abs(noise).max() > 4


def test_the_two_of_a_pair_are_independent():
    noise = draw((200_000,))
    first, second = noise[:100_000], noise[100_000:]
    for power in (1, 2):
        r = np.corrcoef(first**power, second**power)[0, 1]
        assert abs(r) < 5 / 100_000**0.5


@pytest.mark.parametrize("shape", [(1,), (3,), (7, 3), (2, 5, 5, 3), (4, 2)])
def test_any_shape_in_float32(shape):
    noise = draw(shape)
    assert noise.shape == shape
    assert noise.dtype == np.float32
    assert np.isfinite(noise).all()


def test_the_seed_decides_and_moves_on():
    np.testing.assert_array_equal(draw((5, 3), 1), draw((5, 3), 1))
    assert not np.array_equal(draw((5, 3), 1), draw((5, 3), 2))
    seed = keras.random.SeedGenerator(1)
    again = [to_numpy(unit_normal((5,), seed)) for _ in range(2)]
    assert not np.array_equal(*again)


class Noise(keras.layers.Layer):
    """Returns noise of its input's shape."""

    def __init__(self):
        super().__init__()
        self.seed_generator = keras.random.SeedGenerator(0)

    def call(self, x):
        return unit_normal(keras.ops.shape(x), self.seed_generator)


def test_compiled_with_batches_of_any_size():
    inputs = keras.Input((3, 3))
    model = keras.Model(inputs, Noise()(inputs))
    for count in (4, 7):
        noise = model.predict_on_batch(np.zeros((count, 3, 3), "float32"))
        assert noise.shape == (count, 3, 3)
        assert np.unique(noise).size == noise.size
