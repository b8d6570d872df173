"""How a text table is written: each kind in several spellings."""

import csv

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.table import read as read_table
from kerasnotes.data.readers.tables.text_table import TextTable

pytestmark = pytest.mark.once

# Three rows of two numbers and a label, and their values.
VALUES = [[5.1, 3.5], [4.9, 3.0], [7.25, 3.2]]


def read(path):
    """Returns names, numbers and labels of a table, read as it stands."""
    table = TextTable.open(path)
    label = table.names[-1]
    frame = table.read({*table.texts, label})
    x = frame.select(table.names[:-1]).to_numpy()
    return table.names, x, frame[label].to_list()


NAMES = [
    (["a,b,label"], ("a", "b", "label")),
    (['"a","b","label"'], ("a", "b", "label")),
    (["a , b,label "], ("a", "b", "label")),
    (["# a,b,label"], ("a", "b", "label")),
    (["", "a,b,label"], ("a", "b", "label")),
    (["sep=,", "a,b,label"], ("a", "b", "label")),
    (["# made on Monday", "a,b,label"], ("a", "b", "label")),
    (["400,401,label"], ("400", "401", "label")),
    (["0,1,2"], ("0", "1", "2")),
    ([], ("column1", "column2", "column3")),
]


@pytest.mark.parametrize(("above", "names"), NAMES)
def test_headers(save, above, names):
    rows = ["5.1,3.5,s", "4.9,3.0,s", "7.25,3.2,v"]
    found, x, labels = read(save(*above, *rows))
    assert found == names
    np.testing.assert_array_equal(x, VALUES)
    assert labels == ["s", "s", "v"]


@pytest.mark.parametrize(
    "rows",
    [
        # UCI's iris, wine (the class first), a class seen once so far,
        # a missing value in the first line, whole numbers alone.
        ["5.1,3.5,Iris-setosa", "4.9,3,Iris-setosa", "7,3.2,Iris-virginica"],
        ["1,14.23,1.71", "1,13.2,1.78", "2,12.37,0.94"],
        ["5.1,0.5,a", "4.9,3.0,b", "7.0,3.2,b", "6.0,3.2,a"],
        ["?,63,b", "4,2,b", "3,1,a"],
        ["8,63,1", "4,2,0", "3,1,1"],
        ["1.5;2.5;a", "2.5;3;b", "2;3.5;a"],
    ],
)
def test_a_first_line_of_values_is_a_row(save, rows):
    table = TextTable.open(save(*rows))
    assert table.names == ("column1", "column2", "column3")
    assert len(table.read(table.texts)) == len(rows)
    assert any("not names" in note for note in table.notes)


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (['"Length, cm";"Width, cm";label'], ("Length, cm", "Width, cm")),
        (["a;b;label"], ("a", "b")),
        (["a,1;b,2;label"], ("a,1", "b,2")),
        (['"a;b";"c;d";label'], ("a;b", "c;d")),
        (["sep=;", "a,b,c;d;label"], ("a,b,c", "d")),
        (['"say ""a;b""";c;label'], ('say "a;b"', "c")),
        (['"two', 'lines";c;label'], ("two\nlines", "c")),
    ],
)
def test_a_delimiter_is_not_counted_inside_quotes(save, lines, names):
    found, x, _ = read(save(*lines, "5.1;3.5;s", "4.9;3.0;s", "7.25;3.2;v"))
    assert found == (*names, "label")
    np.testing.assert_array_equal(x, VALUES)


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
@pytest.mark.parametrize("header", [True, False])
def test_decimal_commas(save, delimiter, header):
    quote = '"' if delimiter == "," else ""
    rows = [
        delimiter.join(
            [
                *(f"{quote}{v}{quote}".replace(".", ",") for v in row),
                "ab"[i % 2],
            ]
        )
        for i, row in enumerate(VALUES)
    ]
    above = [delimiter.join(["u", "v", "kind"])] if header else []
    table = TextTable.open(save(*above, *rows))
    x = table.read(table.texts).select(table.names[:2]).to_numpy()
    np.testing.assert_array_equal(x, VALUES)
    assert "Decimals are written with a comma." in table.notes


@pytest.mark.parametrize(
    "rows",
    [
        ["u;v;w", "1,234;2;a", "5,678;3;b"],
        ["u;v;w", "1,234;2,345;a", "5,678;3,456;b"],
        ["u\tv\tw", "1,234\t2\ta", "5,678\t3\tb"],
        ["u,v,w", '"1,234,567",2,a', '"5,678,000",3,b'],
        ["u;v;w", "-1,234;2;a", "12,678;3;b"],
    ],
)
def test_commas_that_may_part_thousands_are_asked_about(save, rows):
    with pytest.raises(DataError, match="may be thousands or decimals"):
        TextTable.open(save(*rows))


def test_thousands_with_points_are_named(save, config):
    rows = [f"1.{i}00,5;{i}.1;{'ab'[i % 2]}" for i in range(9)]
    with pytest.raises(DataError, match=r"column u: it holds '1.000,5'"):
        load(config(save("u;v;w", *rows)))


ENCODINGS = [
    "utf-8",
    "utf-8-sig",
    "cp1252",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(save, encoding, end):
    rows = ["5.1,3.5,süß", "4.9,3.0,süß", "7.25,3.2,weiß"]
    path = save("Länge,b,label", *rows, encoding=encoding, end=end)
    names, x, labels = read(path)
    assert names == ("Länge", "b", "label")
    np.testing.assert_array_equal(x, VALUES)
    assert labels == ["süß", "süß", "weiß"]
    said = TextTable.open(path).notes
    assert bool(said) == (not encoding.startswith("utf-8"))


def test_a_letter_beyond_ascii_far_down_is_seen(save):
    rows = [f"{i}.5,{i},a" for i in range(1000)]
    path = save("u,v,w", *rows, "1,2,é", encoding="cp1252")
    assert read(path)[2][-1] == "é"


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\n\xff\xfe\x00,\x81",
        b"PK\x03\x04\x00\x00\x00",
        b"a,b\n1,\x81\n",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\xff\xfea",
    ],
)
def test_what_is_no_text_is_refused(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match="(neither|not) UTF-8"):
        TextTable.open(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["a,b,c,label", "x1,1,2,3,s", "x2,1,2,4,v"], "4 cells, those below"),
        (["Of 2021, all", "a,b,label", "1,2,s"], "2 cells, those below have 3"),
    ],
)
def test_lines_that_do_not_fit_are_told(save, lines, message):
    with pytest.raises(DataError, match=message):
        TextTable.open(save(*lines))


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["Flowers of 2021", "a,b,label"], "'Flowers of 2021' stands above"),
        (["Flowers,,", "By me,,", "", "a,b,label"], "'Flowers', 'By me' stand"),
        (["# by me", "Flowers", "a,b,label"], "'# by me', 'Flowers' stand"),
    ],
)
def test_titles_above_a_table_are_left_out_and_told(save, lines, told):
    table = TextTable.open(save(*lines, "1,2,s", "3,4,v"))
    assert table.names == ("a", "b", "label")
    assert table.read({"label"}).rows() == [(1, 2, "s"), (3, 4, "v")]
    assert table.notes[0].startswith(told)


def test_a_first_row_that_lacks_cells_beside_others_is_no_title(save):
    table = TextTable.open(save("a,b", "x,", ",y", "z,"))
    assert table.names == ("a", "b")
    assert not table.notes


def test_numbers_are_pythons(save):
    cells = ["1", " 2 ", "+3", "-4.5e3", ".5", "6.", "1E-7", '"8"', "0010"]
    _, x, _ = read(save("u,v,w", *(f"{c},1.5,a" for c in cells)))
    expected = [float(cell.strip('"')) for cell in cells]
    np.testing.assert_array_equal(x[:, 0], expected)


def test_a_name_with_brackets_is_no_pattern(save):
    path = save("u,v,w", "1,2,a", "3,5,b", name="set[1].csv")
    assert len(read(path)[2]) == 2


CELL = st.text("ab1 ,;\"\n'é", max_size=6).map(lambda text: f"t{text}")


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(CELL, CELL), min_size=3, max_size=12))
def test_quoted_text_is_read_as_python_reads_it(tmp_path, rows):
    path = tmp_path / "set.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("u", "v"), *rows])
    table = TextTable.open(path)
    assert table.names == ("u", "v")
    assert table.read(table.texts).rows() == rows


STRAY = st.text('ab1"', max_size=4).map(lambda text: f"t{text}")


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(STRAY, STRAY, STRAY), min_size=3, max_size=12))
def test_stray_quotes_are_read_as_python_reads_them(tmp_path, rows):
    path = tmp_path / "set.csv"
    lines = [",".join(row) for row in [("u", "v", "w"), *rows]]
    path.write_text("\n".join(lines))
    table = TextTable.open(path)
    assert table.read(table.texts).rows() == rows


@pytest.mark.parametrize(
    ("above", "told"),
    [
        (["# v 1.2"], "'# v 1.2' stands above the column names"),
        (["# cm, s", "Bob"], "'# cm,s', 'Bob' stand above the column names"),
    ],
)
def test_what_stands_above_is_told(save, above, told):
    rows = ["a,b,label", "5.1,3.5,s", "4.9,3.0,s", "7.25,3.2,v"]
    table = TextTable.open(save(*above, *rows))
    assert any(told in note for note in table.notes)
    bare = TextTable.open(save(*above, *rows[1:]))
    told = told.replace("column names", "first row")
    assert any(told in note for note in bare.notes)


def test_a_title_with_a_comma_is_named_by_its_line(save):
    lines = ["Report", "", "", "Station: North, 5", "Bob", "", "a,b,c,label"]
    lines += ["5.1,3.5,1.4,s", "4.9,3.0,1.4,s", "7.25,3.2,1.3,v"]
    with pytest.raises(DataError, match="line 4 has 2 cells") as caught:
        TextTable.open(save(*lines))
    assert "begin each of these lines with #" in caught.value.hint
    lines[:5] = [f"# {line}" for line in lines[:5] if line]
    assert TextTable.open(save(*lines)).names == ("a", "b", "c", "label")


def test_codes_are_told_of_where_they_are_amounts(save, config):
    rows = ["a,post,zip", *(f"{i},0{i % 4}1,0{i % 2}0" for i in range(40))]
    told = " ".join(load(config(save(*rows), keep=("a",))).remarks)
    assert "`post` holds numbers that begin with 0" in told
    assert "`zip` holds" not in told
    chosen = config(save(*rows), categories=("post",), keep=("a",))
    assert "begin with 0" not in " ".join(load(chosen).remarks)


def test_written_numbers_are_not_also_categories(save, config):
    rows = [f"{i % 9},{i % 7}00.00;{i / 2};{'xy'[i % 2]}" for i in range(9, 60)]
    problems = Problems()
    read_table(save("a;b;label", *rows), config(), problems)
    assert [p.kind for p in problems.fatal] == ["written number"]
    assert not any("categories" in note for note in problems.notes)
