import datetime

import numpy as np
import polars as pl
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)
SIZE = RNG.normal(size=60)
KIND = ["a", "b"] * 30


@pytest.fixture
def save(tmp_path):
    def write(**columns):
        pl.DataFrame(columns).write_parquet(tmp_path / "set.parquet")
        return tmp_path / "set.parquet"

    return write


LABELS = {
    "text": (KIND, ("a", "b")),
    "codes": (["0010", "10"] * 30, ("0010", "10")),
    "categories": (pl.Series(KIND, dtype=pl.Categorical), ("a", "b")),
    "integers": ([10, 9] * 30, ("9", "10")),
    "floats": ([1.0, 2.0] * 30, ("1", "2")),
    "truth": ([True, False] * 30, ("false", "true")),
    "long codes": (
        [2**60 + 1, 2**60 + 2] * 30,
        (str(2**60 + 1), str(2**60 + 2)),
    ),
    "dates": (
        [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)] * 30,
        ("2020-01-01", "2020-01-02"),
    ),
}


@pytest.mark.parametrize("name", LABELS)
def test_labels_are_what_they_say(save, config, name):
    values, classes = LABELS[name]
    data = load(config(save(size=SIZE, kind=values), test=0, validation=0))
    assert data.spec.target.classes == classes
    np.testing.assert_array_equal(data.train.x[:, 0], SIZE.astype("float32"))
    first = classes.index(str(values[0]).lower().removesuffix(".0"))
    np.testing.assert_array_equal(data.train.y == first, np.arange(60) % 2 == 0)


@pytest.mark.parametrize(
    "values",
    [
        SIZE,
        SIZE.astype("float32"),
        np.int8(RNG.integers(0, 9, 60)),
        pl.Series(RNG.integers(0, 99, 60)).cast(pl.Decimal(9, 2)),
    ],
)
def test_numbers_of_any_type_are_features(save, config, values):
    path = save(u=values, kind=KIND)
    data = load(config(path, test=0, validation=0))
    expected = np.asarray(pl.Series(values).cast(pl.Float64))
    np.testing.assert_array_equal(data.train.x[:, 0], expected.astype("f4"))


@pytest.mark.parametrize("gone", [None, "", "NA", "?", " nan "])
def test_missing_labels_are_named_by_row(save, config, gone):
    kind = list(KIND)
    kind[7] = gone
    with pytest.raises(
        DataError, match="row 7, counted from 0: column kind: miss"
    ):
        load(config(save(size=SIZE, kind=kind)))


@pytest.mark.parametrize("gone", [None, float("nan"), float("inf")])
def test_missing_numbers_are_named_by_row(save, config, gone):
    size = SIZE.tolist()
    size[9] = gone
    with pytest.raises(DataError, match="row 9, counted from 0: column size: "):
        load(config(save(size=size, kind=KIND)))


def test_text_and_dates_are_no_features(save, config):
    days = [datetime.date(2020, 1, 1)] * 60
    data = load(config(save(size=SIZE, day=days, kind=KIND)))
    assert data.spec.input.names == ("size",)
    assert "nothing but '2020-01-01'" in " ".join(data.remarks)


def test_the_index_of_pandas_is_left_out(save, config):
    index = RNG.permutation(500)[:60]
    path = save(size=SIZE, kind=KIND, __index_level_0__=index)
    data = load(config(path, target="kind"))
    assert data.spec.input.names == ("size",)


def test_a_damaged_file_is_refused(save, config):
    path = save(size=SIZE, kind=KIND)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        load(config(path))


def test_columns_of_lists_are_left_out(save, config):
    lists = pl.Series([[1, 2]] * 60)
    path = save(size=SIZE, parts=lists, raw=pl.Series([b"x"] * 60), kind=KIND)
    data = load(config(path))
    assert data.spec.input.names == ("size",)
    for name in ("parts", "raw"):
        told = f"`{name}` is left out: it holds neither numbers nor text"
        assert any(told in remark for remark in data.remarks)
