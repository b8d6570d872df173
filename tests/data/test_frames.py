"""Data frames with text: the same examples as from a file of them."""

import datetime

import numpy as np
import pytest

import kerasnotes as kn
from kerasnotes.base.errors import DataError
from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load

pytestmark = pytest.mark.once
ROWS = 60
RNG = np.random.default_rng(0)
COLUMNS = {
    "Id": list(range(ROWS)),
    "size": RNG.normal(50, 9, ROWS).round(2).tolist(),
    "town": RNG.choice(["York", "Bath", "Ely"], ROWS).tolist(),
    "new": RNG.choice([True, False], ROWS).tolist(),
}
COLUMNS["town"][3] = None
PRICE = [
    1000 * size + 7.5 * len(town or "")
    for size, town in zip(COLUMNS["size"], COLUMNS["town"], strict=True)
]
QUICK = {"epochs": 2, "widths": [4], "quiet": True}


@pytest.fixture(params=["pandas", "polars"])
def frame(request):
    return pytest.importorskip(request.param).DataFrame


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    import polars as pl

    pl.DataFrame({**COLUMNS, "price": PRICE}).write_parquet("homes.parquet")
    pl.DataFrame({**COLUMNS, "price": PRICE}).write_csv("homes.csv")
    return tmp_path


def same(one, other):
    assert one.spec.input == other.spec.input
    assert one.spec.target.columns == other.spec.target.columns
    for part in ("train", "validation", "test"):
        for a, b in zip(one.arrays(part), other.arrays(part), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("whole", [True, False])
def test_a_frame_is_what_its_file_is(frame, whole, place, config):
    if whole:
        held = to_arrays(frame({**COLUMNS, "price": PRICE}))
        found = load(config(target="price"), held)
    else:
        pair = frame(COLUMNS), frame({"price": PRICE})["price"]
        found = load(config(), to_arrays(pair))
    file = load(config(place / "homes.parquet", target="price"))
    assert file.spec.input.names == ("size", "town", "new")
    assert file.spec.input.columns[1].categories == ("Bath", "Ely", "York")
    same(found, file)
    assert any("`Id` is left out" in remark for remark in found.remarks)


def test_every_door_gives_one_answer(frame, place):
    table = frame({**COLUMNS, "price": PRICE})
    target = {"data.target": "price"}
    run = kn.fit("mlp", table, settings=target, **QUICK)
    assert run.metrics["rmse"] > 0
    with pytest.warns(UserWarning, match="1 of 60 rows have a `town`"):
        wanted = [a.values for a in kn.predict(run, place / "homes.csv")]
    for held in (table, frame(COLUMNS), place / "homes.parquet"):
        with pytest.warns(UserWarning, match="counts as unknown"):
            assert [a.values for a in run.predict(held)] == wanted
    scores = kn.evaluate(run, table, split="test").metrics
    assert scores == pytest.approx(run.metrics)
    of_file = kn.evaluate(run, "homes.csv", target="price", split="test")
    assert of_file.metrics == pytest.approx(run.metrics)
    again = kn.fit(resume=run, epochs=3, quiet=True)
    assert again.history["epoch"] == [1.0, 2.0, 3.0]


def test_a_run_of_a_file_is_measured_on_a_frame(frame, place):
    settings = {"data.target": "price"}
    run = kn.fit("mlp", "homes.csv", settings=settings, **QUICK)
    table = frame({**COLUMNS, "price": PRICE})
    found = kn.evaluate(run, table, split="test").metrics
    assert found == pytest.approx(run.metrics)


def test_mistakes_are_told(frame, config):
    table = frame(COLUMNS)
    pair = table, PRICE
    with pytest.raises(DataError, match="cannot be handed in part by part"):
        to_arrays({"train": pair, "test": pair})
    with pytest.raises(DataError, match="differ in number"):
        to_arrays((table, PRICE[:5]))
    with pytest.raises(DataError, match="`size`"):
        load(config(target="szie"), to_arrays(table))


def test_pandas_own_kinds():
    pandas = pytest.importorskip("pandas")
    from kerasnotes.data.held.frames import to_polars

    table = pandas.DataFrame(
        {
            "whole": pandas.array([1, None, 3], "Int64"),
            "kind": pandas.Categorical(["b", None, "a"]),
            "mixed": [1, None, 2.5],
            "text": [1, "two", np.nan],
            "day": pandas.to_datetime(["2024-01-01", None, "2024-01-03"]),
            "float": [0.5, np.nan, 1.5],
            "code": pandas.array([2**60 + 1, None, 2**60 + 2], "Int64"),
            "logical": [True, None, False],
        }
    )
    columns = to_polars(table).to_dict(as_series=False)
    assert columns["whole"] == [1.0, None, 3.0]
    assert columns["kind"] == ["b", None, "a"]
    assert columns["mixed"] == [1.0, None, 2.5]
    assert columns["text"] == ["1", "two", None]
    assert columns["day"] == [
        datetime.datetime(2024, 1, 1),
        None,
        datetime.datetime(2024, 1, 3),
    ]
    assert columns["float"] == [0.5, None, 1.5]
    assert columns["code"] == [2**60 + 1, None, 2**60 + 2]
    assert columns["logical"] == [True, None, False]
    twice = pandas.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(DataError, match="one name"):
        to_polars(twice)
