import keras
import numpy as np
import pytest

from kerasnotes.notes.ddpm.upsample_conv import UpsampleConv
from tests.checks import check_layer, to_numpy


@pytest.mark.parametrize("size", [(4, 4), (3, 5), (1, 2)])
def test_equals_doubling_and_convolving(size):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((2, *size, 3)).astype("float32")
    layer = UpsampleConv(4)
    layer.build(x.shape)
    kernel = rng.standard_normal((3, 3, 3, 4)).astype("float32")
    bias = rng.standard_normal(4).astype("float32")
    layer.set_weights([kernel, bias])
    doubled = x.repeat(2, axis=1).repeat(2, axis=2).astype("float64")
    padded = np.pad(doubled, [(0, 0), (1, 1), (1, 1), (0, 0)])
    right = np.zeros((*doubled.shape[:3], 4)) + bias
    height, width = doubled.shape[1:3]
    for i in range(3):
        for j in range(3):
            part = padded[:, i : i + height, j : j + width]
            right += part @ kernel[i, j]
    np.testing.assert_allclose(to_numpy(layer(x)), right, atol=1e-5)


def test_gradients_of_its_kernel_are_those_of_the_plain_way():
    """One step of SGD moves both kernels alike."""
    rng = np.random.default_rng(1)
    x = rng.standard_normal((2, 3, 3, 2)).astype("float32")
    y = rng.standard_normal((2, 6, 6, 2)).astype("float32")
    kernel = rng.standard_normal((3, 3, 2, 2)).astype("float32")
    moved = []
    for stack in (
        [UpsampleConv(2)],
        [
            keras.layers.UpSampling2D(2),
            keras.layers.Conv2D(2, 3, padding="same"),
        ],
    ):
        model = keras.Sequential([keras.Input((3, 3, 2)), *stack])
        model.layers[-1].set_weights([kernel, np.zeros(2, "float32")])
        model.compile(optimizer=keras.optimizers.SGD(1.0), loss="mse")
        model.train_on_batch(x, y)
        moved.append(model.layers[-1].get_weights())
    assert np.abs(moved[0][0] - kernel).max() > 0.1
    for one, other in zip(*moved, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_checks(tmp_path):
    x = np.random.default_rng(2).standard_normal((2, 3, 4, 2))
    check_layer(UpsampleConv(5), [x.astype("float32")], (2, 6, 8, 5), tmp_path)
