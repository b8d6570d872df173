"""The layer against SciPy's splines and the paper's formula in NumPy."""

import keras
import numpy as np
import pytest
from scipy.interpolate import BSpline

from kerasnotes.notes.kan.edges import Edges
from kerasnotes.notes.kan.layer import KANLayer
from kerasnotes.notes.kan.pieces import pieces
from kerasnotes.notes.kan.spline import spline_features
from tests.checks import check_layer, to_numpy

RNG = np.random.default_rng(0)


def scipy_bases(u, cells, order):
    """Values `(N, G + k)` of the bases on knots `-k ... G + k`."""
    knots = np.arange(-order, cells + order + 1.0)
    eye = np.eye(cells + order)
    return np.stack([BSpline(knots, c, order)(u) for c in eye], axis=1)


def bases(x, low, high, cells, order, count, dtype="float32"):
    parts = (np.asarray(a, dtype) for a in (x, low, high, cells))
    tensors = [keras.ops.convert_to_tensor(part) for part in parts]
    found = to_numpy(spline_features(*tensors, order, count))
    return found.reshape(len(x), count, -1)


@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("cells", [1, 5, 40])
def test_bases_are_scipys(order, cells):
    u = np.sort(RNG.uniform(0, cells, 200).astype("float32"))
    u[0], u[-1] = 0, cells
    found = bases(u[:, None], [0], [cells], cells, order, cells + order)
    exact = scipy_bases(u.astype("float64"), cells, order)
    np.testing.assert_allclose(found[..., 0], exact, atol=1e-6, rtol=0)
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-6)


@pytest.mark.once
@pytest.mark.parametrize("order", [1, 3, 5])
@pytest.mark.parametrize("cells", [4, 40])
def test_bases_in_double_precision(order, cells):
    u = np.sort(RNG.uniform(0, cells, 200))
    u[0], u[-1] = 0, cells
    found = bases(
        u[:, None], [0], [cells], cells, order, cells + order, "float64"
    )
    exact = scipy_bases(u, cells, order)
    np.testing.assert_allclose(found[..., 0], exact, atol=1e-12, rtol=0)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-14)


def test_slopes_are_those_of_the_values():
    f = RNG.uniform(0.1, 0.9, 50)
    for order in (1, 2, 3, 4):
        above, below = (pieces(f + e, order)[0] for e in (1e-6, -1e-6))
        steps = (np.array(above) - np.array(below)) / 2e-6
        slopes = pieces(f, order)[1]
        np.testing.assert_allclose(slopes, steps, atol=1e-8)


@pytest.mark.parametrize("order", [1, 3])
def test_beyond_the_grid_it_is_a_line(order):
    cells, low, high = 6, -2.0, 1.0
    knots = np.arange(-order, cells + order + 1.0) * 0.5 + low
    spline = BSpline(knots, RNG.normal(size=cells + order), order)
    x = np.array([low - 3, low - 1e-3, low, high, high + 0.5, high + 7])
    found = bases(x[:, None], [low], [high], cells, order, cells + order)
    # SciPy's slope from inside the last cell.
    end = np.nextafter(high, low)
    expected = np.where(
        x <= low,
        spline(low) + (x - low) * spline.derivative()(low),
        spline(end) + (x - high) * spline.derivative()(end),
    )
    np.testing.assert_allclose(
        found[..., 0] @ spline.c, expected, rtol=1e-4, atol=1e-4
    )


def test_bases_left_over_are_zero():
    x = RNG.uniform(-1.5, 1.5, (40, 2))
    fine = bases(x, [-1, -1], [1, 1], 4, 3, 20)
    small = bases(x, [-1, -1], [1, 1], 4, 3, 7)
    np.testing.assert_allclose(fine[:, :7], small, atol=1e-6)
    assert not fine[:, 7:].any()


def papers_formula(x, grid, coefficients, base, scale, order):
    """Cox and de Boor's recursion, then `base silu + scale spline`, summed.

    As pykan has it: knots `(D, G + 2k + 1)`, coefficients `(D, O, G + k)`.
    """
    x, knots = x[:, :, None], grid[None]
    value = ((x >= knots[..., :-1]) & (x < knots[..., 1:])).astype("float64")
    for k in range(1, order + 1):
        left = (x - knots[..., : -(k + 1)]) / (
            knots[..., k:-1] - knots[..., : -(k + 1)]
        )
        right = (knots[..., k + 1 :] - x) / (
            knots[..., k + 1 :] - knots[..., 1:-k]
        )
        value = left * value[..., :-1] + right * value[..., 1:]
    splines = np.einsum("bij,ioj->bio", value, coefficients)
    silu = x / (1 + np.exp(-x))
    return (base[None] * silu + scale[None] * splines).sum(1)


@pytest.mark.parametrize("order", [2, 3])
def test_it_is_the_papers_formula(order):
    low, high = np.array([-1.0, -2, 0]), np.array([1.0, 3, 0.5])
    steps = (high - low) / 5
    grid = low[:, None] + steps[:, None] * np.arange(-order, 6 + order)
    coefficients = RNG.normal(size=(3, 4, 5 + order))
    base, scale = RNG.normal(size=(2, 3, 4))
    x = RNG.uniform(low, high, (60, 3))
    layer = KANLayer(4, grid=5, order=order, scale=True)
    layer.build((None, 3))
    splines = coefficients.transpose(2, 0, 1)
    layer.edges = Edges(splines, base, low, high, order)
    layer.factors.assign(scale)
    expected = papers_formula(x, grid, coefficients, base, scale, order)
    found = to_numpy(layer(x.astype("float32")))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-5)


def test_as_a_layer(tmp_path):
    x = RNG.normal(size=(5, 3)).astype("float32")
    check_layer(KANLayer(4, order=2, scale=True, room=9), [x], (5, 4), tmp_path)


@pytest.mark.once
def test_parameters_are_those_of_the_paper():
    layer = KANLayer(64, grid=5, order=3, scale=True)
    layer.build((None, 784))
    trained = sum(int(np.prod(w.shape)) for w in layer.trainable_weights)
    assert trained == 784 * 64 * 10
