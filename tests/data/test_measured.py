"""Labels that are measured, and columns of categories."""

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load
from kerasnotes.data.spec import Spec
from kerasnotes.data.statistics import fit
from tests.specs import flat

pytestmark = pytest.mark.once
TOWNS = ("Bonn", "Köln", "Ulm")


@pytest.fixture
def homes(tmp_path):
    path = tmp_path / "homes.csv"
    lines = ["size [m2],town,price (EUR)"]
    for i in range(100):
        lines.append(f"{i * 0.5 + 20},{TOWNS[i % 3]},{1000.5 + 7 * i}")
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def config(path, **values):
    values.setdefault("target", "price (EUR)")
    return DataConfig(source=str(path), **values)


def test_a_table_of_prices_is_a_regression_with_units(homes):
    data = load(config(homes))
    target = data.spec.target
    assert (target.kind, target.names) == ("values", ("price (EUR)",))
    assert target.columns[0].units == "EUR"
    assert data.spec.input.columns[0].units == "m2"
    assert data.train.y.dtype == np.float32
    assert data.train.y.shape == (70, 1)
    exact = data.train.y.astype("float64")
    assert target.columns[0].mean == pytest.approx(exact.mean())
    assert target.columns[0].deviation == pytest.approx(exact.std())
    assert any("a regression" in remark for remark in data.remarks)
    assert Spec.from_json(data.spec.to_json()) == data.spec


def test_categories_have_numbers_and_no_statistics(homes):
    data = load(config(homes))
    town = data.spec.input.columns[1]
    assert town.categories == TOWNS
    assert set(np.unique(data.train.x[:, 1])) == {1, 2, 3}
    for i in range(len(data.train)):
        row = data.train.rows[i]
        assert town.categories[int(data.train.x[i, 1]) - 1] == TOWNS[row % 3]
    mean, variance = fit(data.train, data.spec)
    assert (mean[1], variance[1]) == (0, 1)
    assert mean[0] == pytest.approx(data.train.x[:, 0].mean())


def test_categories_of_the_other_parts_are_unknown(homes):
    lines = homes.read_text().splitlines()
    data = load(config(homes))
    row = int(data.test.rows[0])
    cells = lines[row + 1].split(",")
    lines[row + 1] = f"{cells[0]},Aachen,{cells[2]}"
    homes.write_text("\n".join(lines))
    changed = load(config(homes))
    assert changed.spec.input.columns[1].categories == TOWNS
    place = list(changed.test.rows).index(row)
    assert changed.test.x[place, 1] == 0
    np.testing.assert_array_equal(changed.train.x, data.train.x)
    assert changed.fingerprint != data.fingerprint


def test_missing_categories_are_unknown_and_told(homes):
    text = homes.read_text().replace("Ulm", "?", 3)
    homes.write_text(text)
    data = load(config(homes))
    assert any("missing in 3 rows" in remark for remark in data.remarks)
    x = np.concatenate([data.train.x, data.validation.x, data.test.x])
    assert (x[:, 1] == 0).sum() == 3


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([f"n{i}" for i in range(100)], "another text in every row"),
        (["same"] * 100, "nothing but 'same'"),
        ([f"n{i % 70}" for i in range(100)], "70 different texts in 100"),
        ([""] * 100, "it is empty"),
    ],
)
def test_texts_that_are_no_categories_are_left_out(tmp_path, cells, told):
    path = tmp_path / "t.csv"
    rows = [f"{i / 3},{cell},{'ab'[i % 2]}" for i, cell in enumerate(cells)]
    path.write_text("\n".join(["u,name,kind", *rows]))
    data = load(config(path, target="kind"))
    assert data.spec.input.names == ("u",)
    assert any(told in remark for remark in data.remarks)


@pytest.mark.parametrize("form", ["{}%", "${}", "1.{:03d},5", "{} 000"])
def test_amounts_in_another_writing_are_no_categories(tmp_path, form):
    path = tmp_path / "t.csv"
    rows = [f"{i / 3};{form.format(i % 9)};{'ab'[i % 2]}" for i in range(40)]
    path.write_text("\n".join(["u;amount;kind", *rows]))
    with pytest.raises(DataError, match="written number"):
        load(config(path, target="kind"))
    given = config(path, target="kind", categories=["amount"])
    assert len(load(given).spec.input.columns[1].categories) == 9


def test_numbers_that_only_name_are_categories_if_one_says_so(tmp_path):
    path = tmp_path / "t.csv"
    rows = [f"{i / 3},{['0010', '10', '7'][i % 3]},{i % 2}" for i in range(60)]
    path.write_text("\n".join(["u,code,kind", *rows]))
    data = load(config(path, target="kind", categories=["code"]))
    assert data.spec.input.columns[1].categories == ("0010", "10", "7")
    with pytest.raises(DataError, match="no column 'cod'"):
        load(config(path, target="kind", categories=["cod"]))


X = np.arange(300, dtype="float32").reshape(100, 3) % 17


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        (np.linspace(0, 1, 100), "values"),
        (np.arange(100) * 3, "values"),
        (np.linspace([0, 9], [1, 2], 100), "values"),
        (np.arange(100) % 4, "class"),
        (np.eye(4)[np.arange(100) % 4], "class"),
    ],
)  # fmt: skip
def test_arrays_tell_what_they_are(y, kind):
    data = load(DataConfig(source="arrays"), to_arrays({"x": X, "y": y}))
    assert data.spec.target.kind == kind


def test_what_is_said_of_labels_is_heeded():
    ages = np.arange(100) % 50 + 18
    arrays = to_arrays({"x": X, "y": ages})
    with pytest.raises(DataError, match="data.labels=values"):
        load(DataConfig(source="arrays"), arrays)
    for labels, kind in (("values", "values"), ("classes", "class")):
        found = load(DataConfig(source="arrays", labels=labels), arrays)
        assert found.spec.target.kind == kind


@pytest.mark.parametrize(
    ("y", "told"),
    [
        (np.full(100, 0.5), "constant target"),
        (np.where(np.arange(100) == 3, np.nan, 0.5), "missing"),
        (np.full((100, 4), 0.25), "probabilities of classes"),
        (1.7e9 + np.arange(100) / 3, "lost digits"),
    ],
)
def test_bad_measurements(y, told):
    with pytest.raises(DataError, match=told):
        load(DataConfig(source="arrays"), to_arrays({"x": X, "y": y}))


def test_old_records_are_read():
    old = {
        "name": "t", "input": "table", "shape": [2], "dtype": "float32",
        "target": "class", "classes": ["a", "b"], "features": ["u", "v"],
        "mask_values": [], "value_range": [],
    }  # fmt: skip
    spec = Spec.from_json(old)
    assert spec == flat(
        "t", "table", (2,), "float32", "class", ("a", "b"), ("u", "v")
    )
    assert Spec.from_json(spec.to_json()) == spec
