import subprocess
import sys

import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load

pytestmark = pytest.mark.once
ROWS = [f"{2 * i},{i},{'ab'[i % 2]}" for i in range(3, 43)]


def test_reads_numbers_and_labels(save, config):
    data = load(config(save("first,second,kind", *ROWS)))
    assert data.spec.input.kind == "table"
    assert data.spec.input.names == ("first", "second")
    assert data.spec.target.classes == ("a", "b")
    for index in range(len(data.train)):
        x, y = data.train[index]
        assert x.dtype == "float32"
        assert x[0] == 2 * x[1]
        assert x[1] % 2 == y


def test_the_label_column(save, config):
    lines = ["label,x,second", *(f"{i % 3},{2 * i},{i % 2}" for i in range(30))]
    assert load(config(save(*lines))).spec.target.classes == ("0", "1", "2")
    data = load(config(save(*lines), target="second"))
    assert data.spec.target.classes == ("0", "1")
    assert data.spec.input.names == ("label", "x")
    with pytest.raises(DataError, match="did you mean `second`"):
        load(config(save(*lines), target="secnd"))


@pytest.mark.parametrize("delimiter", ",;\t")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_dialects(save, config, delimiter, encoding, end):
    lines = ["a,b,c", *ROWS, "", '"7",3.5,"b"']
    lines = [line.replace(",", delimiter) for line in lines]
    path = save(*lines, encoding=encoding, end=end)
    data = load(config(path, test=0, validation=0))
    assert len(data.train) == 41
    assert data.spec.input.names == ("a", "b")


def test_every_bad_cell_is_named_with_line_and_column(save, config):
    rows = list(ROWS)
    rows[3] = "3,,a"
    rows[12] = "12,many,b"
    rows[25] = "25,nan,b"
    rows[26] = "26,1,"
    rows[30] = "1,2"
    rows[31] = '1,"2\n3",b'
    rows[33] = "1e99,1,b"
    with pytest.raises(DataError) as error:
        load(config(save("x,y2,kind", *rows)))
    text = str(error.value)
    assert "line 5: column y2: missing value" in text
    assert "line 14: column y2: 'many' is not a number" in text
    assert "line 27: column y2: missing value (nan)" in text
    assert "line 28: column kind: missing value" in text
    assert "line 32: 2 cells under 3 columns" in text
    assert "line 33: column y2: '2\\n3' is not a number" in text
    assert "line 36: column x: 1e99 is not finite" in text


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([""], "it is empty"),
        (["x,y"], "no row below the header"),
        (["x", "1", "2"], "a single column, 'x'"),
        (["x,x,y", "1,2,a"], "two columns are called 'x'"),
        (["x,y", *(f"{2 * i},a" for i in range(50))], "single class"),
        (["id,y", *(f"{i},{i % 2}" for i in range(50))], "No column is left"),
        (["x,y", "1,a", "2,b,c", "3,a", "4,b"], "line 3: 3 cells under 2"),
    ],
)
def test_bad_tables(save, config, lines, message):
    with pytest.raises(DataError, match=message):
        load(config(save(*lines)))


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("x,z,x,y", "two columns are called 'x', 1 and 3 from the left"),
        ("z,x,x,x", "columns 2 and 3 and 4 are all called 'x'"),
    ],
)
def test_twin_columns_are_told_with_their_places(save, config, head, told):
    with pytest.raises(DataError, match=told) as caught:
        load(config(save(head, "1,2,3,a")))
    assert "rename all but one of them in the first line" in str(caught.value)


def test_text_columns_are_categories(save, config):
    lines = [f"{i / 7},town{i % 3},{'ab'[i % 2]}" for i in range(99)]
    path = save("size,town,kind", *lines)
    data = load(config(path))
    assert data.spec.input.columns[1].categories == ("town0", "town1", "town2")
    assert any("`town` holds 3 categories" in r for r in data.remarks)
    data = load(config(path, leave_out=["town"]))
    assert data.spec.input.names == ("size",)
    assert any("`town` is left out: as you say" in r for r in data.remarks)


def test_dates_of_a_real_series_are_left_out_and_the_leak_is_said(
    shared_data, config
):
    data = load(config(shared_data / "series" / "ETTh1.csv"))
    told = " ".join(data.remarks)
    assert "The column `date` is left out: it is another text" in told
    assert "neighbours in time are alike" in told
    assert data.spec.target.names == ("OT",)


def test_equals_numpys_reader(save, config):
    rng = np.random.default_rng(0)
    table = rng.normal(size=(60, 3)) * 10.0 ** rng.integers(-3, 5, (60, 3))
    lines = [",".join(map(repr, map(float, row))) for row in table]
    path = save("a,b,c,y", *(f"{r},{i % 2}" for i, r in enumerate(lines)))
    data = load(config(path, test=0, validation=0))
    expected = np.loadtxt(path, delimiter=",", skiprows=1)[:, :3]
    np.testing.assert_array_equal(data.train.x, expected.astype("float32"))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
def test_a_bad_cell_far_down_is_found_in_any_encoding(save, config, encoding):
    rows = [f"{i / 7},{i % 5},{'äö'[i % 2]}" for i in range(5000)]
    rows[4321] = "1,much,ä"
    path = save("u,v,kind", *rows, encoding=encoding)
    with pytest.raises(DataError, match="line 4323: column v: 'much' is not"):
        load(config(path))


def test_reading_imports_polars_and_nothing_else_does():
    program = (
        "import sys, kerasnotes.data.load, kerasnotes.tasks.inputs\n"
        "sys.exit('polars' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_iris_without_a_header_keeps_its_first_flower(save, config):
    from sklearn.datasets import load_iris

    iris = load_iris()
    rows = [
        ",".join([*map(str, row), f"Iris-{iris.target_names[kind]}"])
        for row, kind in zip(iris.data, iris.target, strict=True)
    ]
    data = load(config(save(*rows), test=0, validation=0))
    np.testing.assert_array_equal(data.train.x, iris.data.astype("float32"))
    np.testing.assert_array_equal(data.train.y, iris.target)
    assert data.spec.target.classes == tuple(
        f"Iris-{n}" for n in iris.target_names
    )


@pytest.mark.parametrize("last", ["{v:.2f}", "{i}", "{n}"])
def test_classes_that_may_stand_first_are_asked_about(save, config, last):
    """UCI's wine: the class first, what is measured last, and no names."""
    rows = [
        f"{1 + i // 10},{i * 0.37 % 1:.2f},"
        + last.format(v=i * 0.73 % 9, i=700 + i, n=2 + i % 7)
        for i in range(30)
    ]
    with pytest.raises(DataError, match="`column3` or `column1`") as caught:
        load(config(save(*rows)))
    assert "--target column1" in caught.value.hint
    data = load(config(save(*rows), target="column1"))
    assert data.spec.target.classes == ("1", "2", "3")
    assert load(config(save("a,b,c", *rows))).spec.input.names == ("a", "b")


@pytest.mark.parametrize("last", ["{c}", "{k}"])
def test_classes_that_stand_last_are_not_asked_about(save, config, last):
    rows = [
        f"{1 + i % 2},{i * 0.37 % 1:.2f},"
        + last.format(c="ab"[i % 2], k=i // 10)
        for i in range(30)
    ]
    assert load(config(save(*rows))).spec.input.names == ("column1", "column2")
