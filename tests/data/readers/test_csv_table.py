import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load
from kerasnotes.data.readers import csv_table

pytestmark = pytest.mark.once
ROWS = [f"{i},{i / 2},{'ab'[i % 2]}" for i in range(40)]


@pytest.fixture
def save(tmp_path):
    def write(*lines, name="set.csv", encoding="utf-8", end="\n"):
        text = end.join(lines) + end
        (tmp_path / name).write_bytes(text.encode(encoding))
        return tmp_path / name

    return write


def test_reads_numbers_and_labels(save, config):
    data = load(config(save("first,second,kind", *ROWS)))
    assert data.spec.input == "table"
    assert data.spec.features == ("first", "second")
    assert data.spec.classes == ("a", "b")
    for index in range(len(data.train)):
        x, y = data.train[index]
        assert x.dtype == "float32"
        assert x[0] == 2 * x[1]
        assert x[0] % 2 == y


def test_the_label_column(save, config):
    lines = ["label,x,second", *(f"{i % 3},{i},{i % 2}" for i in range(30))]
    assert load(config(save(*lines))).spec.classes == ("0", "1", "2")
    data = load(config(save(*lines), target="second"))
    assert data.spec.classes == ("0", "1")
    assert data.spec.features == ("label", "x")
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
    assert data.spec.features == ("a", "b")


def test_every_bad_cell_is_named_with_line_and_column(
    save, config, monkeypatch
):
    monkeypatch.setattr(csv_table, "BLOCK", 10)
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
    assert "line 27: column y2: nan is not finite" in text
    assert "line 28: column kind: missing value" in text
    assert "line 32: 2 cells under 3 columns" in text
    assert "line 33: column y2: '2\\n3' is not a number" in text
    assert "line 36: column x: 1e99 is not finite" in text


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["1,2,3", "4,5,6"], "no header"),
        ([""], "first line is empty"),
        (["x,y"], "empty"),
        (["x"], "a single column"),
        (["x,x,y", "1,2,a"], "two columns are called 'x'"),
        (["x,y", *(f"{i},{i / 7}" for i in range(50))], "regression"),
        (["x,y", *(f"{i},a" for i in range(50))], "single class"),
    ],
)
def test_bad_tables(save, config, lines, message):
    with pytest.raises(DataError, match=message):
        load(config(save(*lines)))


def test_not_text(tmp_path, config):
    (tmp_path / "a.csv").write_bytes(b"a,b\n\xff\xfe\x00,\x81")
    with pytest.raises(DataError, match="not UTF-8"):
        load(config(tmp_path / "a.csv"))


def test_real_series_is_refused_by_its_dates(shared_data, config):
    with pytest.raises(DataError, match="column date"):
        load(config(shared_data / "series" / "ETTh1.csv"))


def test_equals_numpys_reader(save, config):
    rng = np.random.default_rng(0)
    table = rng.normal(size=(60, 3))
    lines = [",".join(map(repr, map(float, row))) for row in table]
    path = save("a,b,c,y", *(f"{r},{i % 2}" for i, r in enumerate(lines)))
    data = load(config(path, test=0, validation=0))
    expected = np.loadtxt(path, delimiter=",", skiprows=1)[:, :3]
    np.testing.assert_array_equal(data.train.x, expected.astype("float32"))
