import numpy as np
import pytest
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)

from kerasnotes.data import fields
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.data.fields import Column
from kerasnotes.data.memory_split import MemorySplit
from kerasnotes.data.spec import Spec
from kerasnotes.data.statistics import fit, fit_scale
from tests.specs import flat

pytestmark = pytest.mark.once


def spec(shape, kind="image"):
    return flat("s", kind, shape, "uint8", "class", ("a", "b"))


@pytest.mark.parametrize("make", [ArraySplit, MemorySplit])
def test_equals_numpy_per_channel(make):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 255, (150, 6, 5, 3), "uint8")
    mean, variance = fit(make(x, np.zeros(150)), spec((6, 5, 3)))
    assert mean.dtype == variance.dtype == "float64"
    np.testing.assert_allclose(mean, x.mean(axis=(0, 1, 2)), rtol=1e-12)
    np.testing.assert_allclose(variance, x.var(axis=(0, 1, 2)), rtol=1e-12)


def test_a_large_mean_does_not_swallow_the_variance():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(500, 2))
    x = noise + 1e9
    mean, variance = fit(MemorySplit(x, np.zeros(500)), spec((2,), "table"))
    np.testing.assert_allclose(variance, noise.var(axis=0), rtol=1e-5)
    np.testing.assert_allclose(mean, 1e9 + noise.mean(axis=0), rtol=1e-12)


def test_constant_features_have_no_variance():
    x = np.full((300, 3), 0.1, "float32")
    _, variance = fit(MemorySplit(x, np.zeros(300)), spec((3,), "table"))
    np.testing.assert_array_equal(variance, 0)


def test_images_of_several_sizes():
    class Sizes(ArraySplit):
        def __getitem__(self, index):
            return self.x[index], np.zeros(self.x[index].shape[:2], "int32")

    rng = np.random.default_rng(0)
    x = np.empty(4, object)
    for i in range(4):
        x[i] = rng.integers(0, 255, (4 + i, 7, 1), "uint8")
    values = np.concatenate([one.reshape(-1) for one in x])
    mean, variance = fit(Sizes(x, np.zeros(4)), spec((None, 7, 1)))
    np.testing.assert_allclose(mean, values.mean())
    np.testing.assert_allclose(variance, values.var())


def test_a_subset_is_fixed_and_near_the_whole():
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, (5000, 1)).astype("float32")
    split = MemorySplit(x, np.zeros(5000))
    first = fit(split, spec((1,), "table"), limit=1000)
    again = fit(split, spec((1,), "table"), limit=1000)
    assert first == again
    assert first[0] == pytest.approx(3, abs=0.3)
    assert first[0] != x.mean(dtype="float64")


def test_nothing_to_fit_on():
    with pytest.raises(ValueError, match="Received"):
        fit(MemorySplit(np.zeros((0, 2)), np.zeros(0)), spec((2,), "table"))


def rows():
    rng = np.random.default_rng(0)
    x = rng.normal((5, -2, 1e4), (1, 0.1, 3e3), (301, 3)).astype("float32")
    return np.append(x, [[1e6, 0, 0]], axis=0).astype("float32")


@pytest.mark.parametrize(
    ("scale", "scaler"),
    [
        ("standard", StandardScaler()),
        ("min-max", MinMaxScaler()),
        ("robust", RobustScaler()),
        ("none", FunctionTransformer()),
    ],
)
def test_scales_are_scikit_learns(scale, scaler):
    x = rows()
    split = MemorySplit(x, np.zeros(len(x)))
    shift, square = fit_scale(split, spec((3,), "table"), scale)
    expected = scaler.fit_transform(x.astype("float64"))
    found = (x - shift) / np.sqrt(square)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("scale", ["standard", "min-max", "robust"])
def test_what_never_varies_and_categories(scale):
    x = np.tile([3.0, 2.0], (40, 1)).astype("float32")
    field = fields.table(["x", Column("kind", ("a", "b"))])
    table = Spec("t", (field,), (fields.one_class(["a", "b"]),))
    shift, square = fit_scale(MemorySplit(x, np.zeros(40)), table, scale)
    np.testing.assert_array_equal(shift, [3, 0])
    np.testing.assert_array_equal(square, [0, 1])
