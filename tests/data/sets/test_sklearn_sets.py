"""scikit-learn's tables, as scikit-learn gives them."""

import numpy as np
import pytest
from sklearn import datasets

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.data.load import load

pytestmark = pytest.mark.once


def joined(data):
    parts = [data.arrays(p) for p in ("train", "validation", "test")]
    rows = [data.split(p).rows for p in ("train", "validation", "test")]
    order = np.argsort(np.concatenate(rows))
    return [np.concatenate(side)[order] for side in zip(*parts, strict=True)]


@pytest.mark.parametrize("name", ["wine", "breast-cancer", "iris"])
def test_classes(name):
    own = getattr(datasets, "load_" + name.replace("-", "_"))()
    data = load(DataConfig(source=name.replace("-", "_")))
    x, y = joined(data)
    np.testing.assert_array_equal(x, own.data.astype("float32"))
    np.testing.assert_array_equal(y, own.target)
    assert data.spec.target.classes == tuple(own.target_names)
    assert data.spec.input.names == tuple(own.feature_names)


def test_diabetes_is_measured_in_raw_columns():
    own = datasets.load_diabetes(scaled=False)
    data = load(DataConfig(source="diabetes", units="points"))
    x, y = joined(data)
    np.testing.assert_array_equal(x, own.data.astype("float32"))
    np.testing.assert_array_equal(y[:, 0], own.target)
    [column] = data.spec.target.columns
    assert column.title == "disease progression (points)"
    train = data.train.y.astype("float64")
    assert column.mean == pytest.approx(train.mean())


def test_columns_are_left_out_and_nonsense_is_refused():
    data = load(DataConfig(source="iris", leave_out=("petal width (cm)",)))
    assert data.spec.input.shape == (3,)
    assert data.spec.input.columns[0].units == "cm"
    with pytest.raises(DataError, match="unknown column"):
        load(DataConfig(source="iris", leave_out=("petal",)))
    with pytest.raises(UsageError, match="are known: classes"):
        load(DataConfig(source="iris", labels="values"))
    with pytest.raises(UsageError, match="are known: values"):
        load(DataConfig(source="diabetes", target="s1"))
