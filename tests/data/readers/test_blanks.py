"""Tables whose cells are parted by blanks, and those that are not."""

import numpy as np
import pytest

from kerasnotes.base.errors import DataError
from kerasnotes.data.load import load
from kerasnotes.data.readers.tables.text_table import TextTable

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)
AUTO = '18.0   8   307.0      {}      3504.      12.0   70  1\t"chevrolet {}"'


def open_lines(save, *lines):
    return TextTable.open(save(*lines, name="set.data"))


def test_numbers_a_tab_and_a_name(save):
    lines = [AUTO.format(130 + i, f"malibu {i}") for i in range(5)]
    table = open_lines(save, *lines)
    assert "Cells are parted by blanks." in table.notes
    frame = table.read({"column9"})
    assert frame.row(2) == (
        18,
        8,
        307,
        132,
        3504,
        12,
        70,
        1,
        "chevrolet malibu 2",
    )


@pytest.mark.parametrize(
    "lines",
    [
        ["5.1 3.5 a", "4.9  3.0 a", "7.25 3.2 b"],
        ["  5.1 3.5 a  ", "\t4.9 3.0 a", "7.25 3.2 b"],
        ["5.1 3.5\ta", "4.9 3.0\ta", "7.25 3.2\tb"],
        ["5,1 3,5 a", "4,9 3,0 a", "7,25 3,2 b"],
        ["x y z", "5.1 3.5 a", "4.9 3.0 a", "7.25 3.2 b"],
        ["# made on Monday, at noon", "", "5.1 3.5 a", "4.9 3 a", "7.25 3.2 b"],
    ],
)
def test_rows_in_several_spellings(save, lines):
    table = open_lines(save, *lines)
    frame = table.read({table.names[2]})
    expected = [(5.1, 3.5, "a"), (4.9, 3.0, "a"), (7.25, 3.2, "b")]
    assert frame.rows() == expected


def test_a_short_row_and_a_word_are_told_by_line(save, config):
    lines = [
        f"{a:.2f}  {b:.2f}  {a > b:d}" for a, b in RNG.normal(size=(30, 2))
    ]
    lines[4], lines[9] = "0.5  0", "0.5  high  1"
    with pytest.raises(DataError, match="line 5: 2 cells"):
        load(config(save(*lines, name="set.data")))
    lines[4] = "0.5 0.1 1"
    with pytest.raises(DataError) as caught:
        load(config(save(*lines, name="set.data")))
    assert "line 10: column column2: 'high'" in caught.value.received


@pytest.mark.parametrize(
    "row",
    [
        "{i}, 3.5, a",
        "cat,dog,   {i}",
        "12.5 13.{i},cat,3",
        "2016-01-01 1{i}:00,5.5",
        "3 1 {i}\t{i} 1 3",
        "a word {i}\ta",
        "it costs {i} 5,a",
    ],
)
def test_blanks_that_part_no_cells(save, row):
    table = open_lines(save, *(row.format(i=i) for i in range(8)))
    assert table.dialect.delimiter in ",\t"
