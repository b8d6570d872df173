"""Each way of telling positions against NumPy, written out."""

import numpy as np
import pytest
from keras import ops

from kerasnotes.layers.positions.alibi import ALiBi, alibi_slopes
from kerasnotes.layers.positions.continuous import ContinuousPositions
from kerasnotes.layers.positions.fourier import FourierPositions
from kerasnotes.layers.positions.learned import LearnedPositions
from kerasnotes.layers.positions.rotary import Rotary
from kerasnotes.layers.positions.sinusoidal import Sinusoidal
from tests.checks import check_layer, to_numpy

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 7, 6)).astype("float32")


def paper_encoding(length, width):
    """Section 3.5, one number after another; both counted from 0."""
    table = np.zeros((length, width))
    for t in range(length):
        for k in range(width):
            angle = t / 10_000 ** (2 * (k // 2) / width)
            table[t, k] = np.cos(angle) if k % 2 else np.sin(angle)
    return table


@pytest.mark.parametrize("width", [6, 5])
def test_sinusoidal(width):
    x, layer = X[..., :width], Sinusoidal()
    table = paper_encoding(9, width)
    np.testing.assert_allclose(to_numpy(layer(x)), x + table[:7], atol=1e-5)
    later = to_numpy(layer(x, start=2))
    np.testing.assert_allclose(later, x + table[2:], atol=1e-5)


def test_learned():
    layer = LearnedPositions(9)
    layer.build(X.shape)
    table = RNG.normal(size=(9, 6)).astype("float32")
    layer.set_weights([table])
    np.testing.assert_allclose(to_numpy(layer(X)), X + table[:7], atol=1e-6)
    moved = to_numpy(layer(X, start=2))
    np.testing.assert_allclose(moved, X + table[2:], atol=1e-6)
    with pytest.raises(ValueError, match="positions for 9.*Received"):
        layer(X, start=3)
    with pytest.raises(ValueError, match="positions for 3.*Received"):
        LearnedPositions(3)(X)


def turned(x, start=0):
    """Rotates each pair as a complex number, in float64."""
    width = x.shape[-1]
    pairs = x[..., 0::2] + 1j * x[..., 1::2]
    t = start + np.arange(x.shape[1])[:, None]
    angles = t * 10_000.0 ** (-2 * np.arange(width // 2) / width)
    pairs = pairs * np.exp(1j * angles)[None, :, None]
    return np.stack([pairs.real, pairs.imag], axis=-1).reshape(x.shape)


def test_rotary():
    x = RNG.normal(size=(2, 7, 3, 4)).astype("float32")
    layer = Rotary()
    np.testing.assert_allclose(to_numpy(layer(x)), turned(x), atol=1e-5)
    np.testing.assert_allclose(
        to_numpy(layer(x, start=5)), turned(x, 5), atol=1e-5
    )
    with pytest.raises(ValueError, match=r"pairs.*\(2, 7, 1, 3\)"):
        layer(x[:, :, :1, :3])


@pytest.mark.once
def test_rotary_products_depend_on_distance_alone():
    q, k = RNG.normal(size=(2, 1, 1, 1, 8)).astype("float32")
    layer = Rotary()

    def product(i, j):
        a, b = layer(q, start=i), layer(k, start=j)
        return float(to_numpy(ops.sum(a * b)))

    assert product(9, 4) == pytest.approx(product(5, 0), abs=1e-5)
    assert abs(product(9, 4) - product(9, 3)) > 1e-3


def test_alibi():
    x = np.zeros((2, 3, 8), "float32")
    found = to_numpy(ALiBi(4)(x, X, start=4))
    expected = np.zeros((4, 3, 7))
    for n in range(4):
        for i in range(3):
            for j in range(7):
                expected[n, i, j] = -(2.0 ** (-2 * (n + 1))) * abs(4 + i - j)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.once
def test_slopes_of_the_paper():
    assert alibi_slopes(8) == [2.0**-n for n in range(1, 9)]
    # Twelve heads: eight, and every other of sixteen.
    sixteen = alibi_slopes(16)
    assert alibi_slopes(12) == [*alibi_slopes(8), *sixteen[0:8:2]]
    assert sixteen[1] == 2.0**-1


@pytest.mark.parametrize(
    ("with_pi", "with_input"), [(True, False), (False, True)]
)
def test_gamma_of_nerf(with_pi, with_input):
    p = RNG.uniform(-1, 1, (4, 3)).astype("float32")
    expected = [p] if with_input else []
    for level in range(5):
        angle = 2**level * p.astype("float64") * (np.pi if with_pi else 1)
        expected += [np.sin(angle), np.cos(angle)]
    layer = FourierPositions(5, with_pi, with_input)
    expected = np.concatenate(expected, axis=-1)
    np.testing.assert_allclose(to_numpy(layer(p)), expected, atol=2e-5)


@pytest.mark.once
def test_gamma_of_one_coordinate_as_in_the_paper():
    p = np.array([[0.3]], "float32")
    found = to_numpy(FourierPositions(2)(p))[0]
    angles = np.pi * 0.3 * np.array([1, 1, 2, 2])
    expected = np.where([1, 0, 1, 0], np.sin(angles), np.cos(angles))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    with pytest.raises(ValueError, match="num_frequencies=0"):
        FourierPositions(0)


@pytest.mark.once
def test_continuous_positions(tmp_path):
    layer = ContinuousPositions(7)
    check_layer(layer, [X], X.shape, tmp_path)
    kernel = to_numpy(layer.weights[0])
    p = np.linspace(-1, 1, 7)[:, None]
    gamma = to_numpy(FourierPositions(2, with_input=True)(p.astype("float32")))
    np.testing.assert_allclose(
        to_numpy(layer(X)), X + gamma @ kernel, atol=1e-5
    )


@pytest.mark.once
@pytest.mark.parametrize(
    "layer",
    [Sinusoidal(), LearnedPositions(9), FourierPositions(2, False, True)],
    ids=lambda layer: type(layer).__name__,
)
def test_the_layers(layer, tmp_path):
    width = 30 if isinstance(layer, FourierPositions) else 6
    check_layer(layer, [X], (2, 7, width), tmp_path)


@pytest.mark.once
def test_the_layer_of_heads(tmp_path):
    x = RNG.normal(size=(2, 7, 3, 4)).astype("float32")
    check_layer(Rotary(), [x], x.shape, tmp_path)
