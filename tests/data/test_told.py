"""Tables of strangers that were once read otherwise than they are meant."""

import numpy as np
import pytest

import kerasnotes as kn
from kerasnotes.base.errors import DataError
from kerasnotes.data.held.arrays import to_arrays
from kerasnotes.data.load import load
from kerasnotes.data.meaning.categories import to_text
from kerasnotes.data.readers.tables.table_rows import read_rows

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)
NOISE = [f"{value:.3f}" for value in RNG.normal(size=200)]
HALVES = [f"{value / 2}" for value in RNG.integers(5, 16, 200)]
QUICK = {"epochs": 1, "widths": [4], "quiet": True}


@pytest.fixture
def table(tmp_path, config):
    """Reads lines as a table whose last column is the label."""

    def read(header, lines, **fields):
        path = tmp_path / "table.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        last = header.replace(";", ",").split(",")[-1]
        given = {"target": last, "validation": 0, "test": 0, **fields}
        return load(config(path, **given))

    return read


def told(data):
    return " ".join(data.remarks)


@pytest.mark.parametrize(
    "order",
    [
        [i + 5 * (i > 30) for i in range(80)],
        [10 * i + 5 for i in range(80)],
        [i // 3 for i in range(80)],
        [-i / 80 for i in range(80)],
    ],
)
def test_a_column_in_the_order_of_the_rows_is_told(table, order):
    kinds = "abcd"
    lines = [f"{n},{NOISE[i]},{kinds[i // 20]}" for i, n in enumerate(order)]
    assert "`visit` rises or falls from the first row" in told(
        table("visit,a,kind", lines)
    )
    mixed = RNG.permutation(lines)
    assert "rises or falls" not in told(table("visit,a,kind", mixed))


def test_two_values_in_order_tell_nothing_new(table):
    lines = [f"{i // 40},{NOISE[i]},{'ab'[i % 2]}" for i in range(80)]
    assert "rises or falls" not in told(table("batch,a,kind", lines))


def test_years_above_words_are_names(table):
    lines = [f"{NOISE[i]},{NOISE[-i - 1]},{'ab'[i % 2]}" for i in range(60)]
    data = table("2019,2020,2021", lines)
    assert data.spec.input.names == ("2019", "2020")
    assert data.spec.target.classes == ("a", "b")


def test_a_zero_in_front_is_told(table):
    lines = [
        f"{('02134', '10001')[i % 2]},{NOISE[i]},{'ab'[i % 2]}"
        for i in range(60)
    ]
    assert "data.categories=[zip]" in told(table("zip,a,kind", lines))
    data = table("zip,a,kind", lines, categories=("zip",))
    assert data.spec.input.columns[0].categories == ("02134", "10001")
    plain = [line.replace("02134", "0.2134") for line in lines]
    assert "begin with 0" not in told(table("zip,a,kind", plain))


def test_a_minus_of_word_processors_is_told(table):
    lines = [
        f"{chr(0x2212) * (i % 3 > 0)}{i / 7:.2f},{NOISE[i]},{'ab'[i % 2]}"
        for i in range(80)
    ]
    with pytest.raises(DataError, match="written number") as caught:
        table("a,b,kind", lines)
    assert "column a" in str(caught.value)


def test_volumes_are_no_pictures(config, tmp_path):
    for shape in ((6, 9, 9, 9), (6, 28, 28, 28)):
        np.savez(tmp_path / "v.npz", x=np.zeros(shape, "uint8"), y=[0, 1] * 3)
        with pytest.raises(DataError, match="volumes"):
            load(config(tmp_path / "v.npz"))
    np.savez(
        tmp_path / "v.npz", x=np.zeros((6, 9, 9, 3), "uint8"), y=[0, 1] * 3
    )
    assert load(config(tmp_path / "v.npz", validation=0, test=0))


@pytest.mark.parametrize("bolt", ['"6" nail"', '"6\\" nail"', "6 nail"])
def test_a_quote_inside_of_quotes_joins_no_rows(table, bolt):
    lines = [
        f"{(bolt, 'nut')[i % 2]},{NOISE[i]},{HALVES[i]}" for i in range(80)
    ]
    data = table("part,a,price", lines)
    assert len(data.train) == 80
    prices = [float(half) for half in HALVES[:80]]
    assert sorted(data.train.y[:, 0].tolist()) == sorted(prices)


def test_cells_of_several_lines_are_read(table):
    lines = [f'"a\nb",{NOISE[i]},{HALVES[i]}' for i in range(40)]
    lines += [f'"say ""hi""",{NOISE[i]},{HALVES[i]}' for i in range(40)]
    data = table("part,a,price", lines)
    assert data.spec.input.columns[0].categories == ("a\nb", 'say "hi"')
    assert len(data.train) == 80


def test_a_row_of_missing_words_is_no_blank_line(tmp_path, table):
    rows = [f"{NOISE[i]},{NOISE[-i]},{HALVES[i]}" for i in range(60)]
    data = table("a,b,price", ["", *rows, "", " , , "])
    assert len(data.train) == 60
    path = tmp_path / "asked.csv"
    path.write_text("a,b\n1,2\nNA,?\n3,4\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 3: column a: missing value"):
        read_rows(path, data.spec)
    with pytest.raises(DataError, match="Eurostat' is not a number"):
        table("a,b,price", [*rows, "Source: Eurostat,,"])


def test_a_row_with_too_few_cells_is_told(table):
    lines = [f"{NOISE[i]},n{i % 3},{NOISE[-i]},c{i % 2}" for i in range(60)]
    with pytest.raises(DataError, match="line 62: 3 cells under 4"):
        table("a,name,price,city", [*lines, "1,n1,1832.1"], target="price")


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_points_that_may_part_thousands_are_asked_about(table, delimiter):
    values = ("900", "1.201", "15.002")
    lines = [delimiter.join((NOISE[i][-3:], values[i % 3])) for i in range(60)]
    with pytest.raises(DataError, match="1.201' may be thousands or decimals"):
        table(f"a{delimiter}price", lines, target="price")


def test_fractions_of_three_places_are_fractions(table):
    lines = [f"{NOISE[i]};{abs(float(NOISE[i])) + 1:.3f}" for i in range(60)]
    assert table("a;price", lines).spec.target.kind == "values"


@pytest.mark.parametrize(
    ("label", "told"),
    [
        (lambda i: "n/v" if i == 100 else HALVES[i], "'n/v' is no number"),
        (lambda i: f"{i % 40} USD", "it holds '0 USD'"),
        (lambda i: f"${i % 40}.5", "it holds '\\$0.5'"),
        (lambda i: f"{i % 40} 300", "it holds '0 300'"),
    ],
)
def test_labels_that_are_nearly_numbers_make_no_classes(table, label, told):
    lines = [f"{NOISE[i]},{label(i)}" for i in range(200)]
    with pytest.raises(DataError, match=told):
        table("a,stars", lines)
    assert table("a,stars", lines, labels="classes").spec.target.classes


def test_late_decimal_commas_make_no_classes(table):
    lines = [f"{NOISE[i % 200]};{i % 50}" for i in range(205)]
    lines += [f"{NOISE[i]};{i % 50},5" for i in range(100)]
    with pytest.raises(DataError, match="written label"):
        table("a;p", lines)


@pytest.mark.parametrize("dose", ["10 mg", "A 10", "10.0.0.1", "2021-01-07"])
def test_names_that_begin_with_numbers_are_classes(table, dose):
    lines = [f"{NOISE[i]},{dose}{i % 3}" for i in range(60)]
    lines = [line.replace("mg0", "mg") for line in lines]
    assert len(table("a,dose", lines).spec.target.classes) == 3


def test_an_underscore_is_no_digit(table):
    lines = [f"{i % 4}_{i % 3},{NOISE[i]},{'ab'[i % 2]}" for i in range(60)]
    data = table("code,a,kind", lines)
    assert len(data.spec.input.columns[0].categories) == 12


def test_addresses_and_days_are_no_amounts(table):
    lines = [
        f"{1 + i % 7}.12.2021,10.0.0.{i % 5},{NOISE[i]},{'ab'[i % 2]}"
        for i in range(60)
    ]
    names = table("day,ip,a,kind", lines).spec.input.names
    assert names == ("day", "ip", "a")


def test_years_above_fractions_are_names(table):
    lines = [",".join(NOISE[i : i + 3]) for i in range(60)]
    assert table("2015,2016,2017", lines).spec.input.names == ("2015", "2016")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("3.0", "3"),
        (3.0, "3"),
        (np.float32(3), "3"),
        ("-2.00", "-2"),
        ("00501", "00501"),
        ("1.50", "1.50"),
        ("\u3000Rom\xa0", "Rom"),
        (np.inf, "inf"),
    ],
)
def test_a_category_is_one_text_through_every_door(cell, text):
    assert to_text(cell) == text


def test_masked_values_are_missing():
    x = np.ma.masked_equal([[1.5, 2], [-9999, 1]] * 20, -9999)
    with pytest.raises(DataError, match="NaN"):
        kn.data((x, ["a", "b"] * 20))


def test_measured_labels_may_come_in_parts(config):
    x, y = RNG.normal(size=(60, 2)), RNG.normal(size=60)
    parts = {"train": (x[:40], y[:40]), "test": (x[40:], y[40:])}
    data = load(config(), to_arrays(parts))
    assert data.spec.target.kind == "values"
    assert len(data.test) == 20


@pytest.fixture
def shops(tmp_path, monkeypatch):
    """A run on rows of 40 shops, and a few new rows of all of them."""
    monkeypatch.chdir(tmp_path)

    def write(name, count, order="a,shop,price"):
        with open(name, "w", encoding="utf-8") as file:
            file.write(order + "\n")
            for i in range(count):
                row = {"a": f"{RNG.normal():.3f}", "shop": f"s{i % 40}"}
                row |= {"price": f"{i % 40 + 0.5}", "more": str(i % 7)}
                file.write(",".join(row[k] for k in order.split(",")) + "\n")

    write("old.csv", 400)
    write("new.csv", 60)
    write("turned.csv", 60, "shop,more,a,price")
    settings = {"data.target": "price"}
    return kn.fit("mlp", "old.csv", settings=settings, **QUICK)


@pytest.mark.parametrize("name", ["new.csv", "turned.csv"])
def test_other_data_know_all_categories_of_the_model(shops, name):
    found = kn.evaluate(shops, name, split="all")
    answers = [a.values["price"] for a in shops.predict(name)]
    truth = [i % 40 + 0.5 for i in range(60)]
    error = np.sqrt(np.mean((np.array(answers) - truth) ** 2))
    assert found.metrics["rmse"] == pytest.approx(error, rel=1e-5)
    # The simple rule is that of the training, not of what is measured.
    mean = shops.spec.target.columns[0].mean
    simple = np.sqrt(np.mean((np.array(truth) - mean) ** 2))
    assert found.metrics["rmse_constant"] == pytest.approx(simple, rel=1e-5)
    assert "rmse_ridge" not in found.metrics
    assert "rmse_ridge" in shops.metrics


def test_measuring_tells_of_unknown_categories(shops):
    text = "a,shop,price\n0.5,s1,1.5\n0.1,Oslo,2.5\n0.2,,3.5\n"
    with open("few.csv", "w", encoding="utf-8") as file:
        file.write(text)
    found = kn.evaluate(shops, "few.csv", split="all")
    assert found.examples == 3
    (told,) = [one for one in found.remarks if "unknown" in one and "3" in one]
    assert "2 of 3 rows have a `shop`" in told


def test_a_row_of_pandas_goes_by_name(shops):
    pandas = pytest.importorskip("pandas")
    row = pandas.Series({"shop": "s3", "a": 0.25})
    (one,) = shops.predict(row)
    (other,) = shops.predict(pandas.DataFrame({"a": [0.25], "shop": ["s3"]}))
    assert one.values == other.values
