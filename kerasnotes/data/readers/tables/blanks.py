"""Tables whose cells are parted by blanks, as old files of numbers are.

`14.6   6   378.7  "chevrolet malibu"` is four cells: a run of blanks and tabs
parts them, and quotes hold together what has blanks itself.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from kerasnotes.data.readers.tables import cells

DELIMITER = " "
"""What stands for any run of blanks and tabs."""
TOLD = "Cells are parted by blanks."
_ALIKE = 0.9
"""Share of lines that have as many cells as most."""
_NUMBERS = 0.5
"""Share of cells that are numbers, if lines can be divided otherwise."""

Row = Sequence[str]


def as_single(lines: Iterable[str]) -> Iterator[str]:
    """Yields lines in which a blank for `csv` parts cells, and none ends."""
    return (f"{line.replace(chr(9), ' ').strip()}\n" for line in lines)


def part(lines: Sequence[str], other: str, otherwise: Sequence[Row]) -> bool:
    """Returns whether blanks part the cells of a table.

    Text has blanks as well: there must be numbers between them. If lines can
    be divided otherwise too, cells must then hold several numbers, and not be
    lists of whole ones in a text, `3 1 2`.

    Args:
        lines: The first ones of a table.
        other: What parts them best, if blanks do not.
        otherwise: Their cells then.
    """
    below = [line for line in lines if line.strip() and line[0] != "#"]
    try:
        rows = [row for row in _rows(below) if row]
    except csv.Error:
        return False
    if not rows:
        return False
    width, count = Counter(map(len, rows)).most_common(1)[0]
    whole = [row for row in rows if len(row) == width]
    if width < 2 or count < _ALIKE * len(rows):
        return False
    if max(map(len, otherwise)) < 2:
        return any(_are_numbers(column) for column in zip(*whole, strict=True))
    return _holds_numbers(whole, other, otherwise) and _are_measured(
        below, whole
    )


def _rows(lines: Iterable[str]) -> Iterable[Row]:
    return csv.reader(
        as_single(lines), delimiter=DELIMITER, skipinitialspace=True
    )


def _are_numbers(column: Row) -> bool:
    found = [cells.to_number(cell, comma=True) is not None for cell in column]
    # The first may be a name.
    return sum(found) >= max(1, _ALIKE * (len(found) - 1))


def _holds_numbers(
    rows: Sequence[Row], other: str, otherwise: Sequence[Row]
) -> bool:
    """Returns whether other cells hold several numbers, parted by blanks."""
    flat = [cell for row in rows for cell in row]
    words = [c for c in flat if cells.to_number(c, comma=True) is None]
    if len(flat) - len(words) < _NUMBERS * len(flat):
        return False
    if any(other in word for word in words):
        return False
    parted = [cell.split() for row in otherwise for cell in row]
    several = [
        sum(cells.to_number(word, comma=True) is not None for word in found) > 1
        for found in parted
    ]
    return sum(several) >= _ALIKE * len(otherwise)


def _are_measured(lines: Sequence[str], rows: Sequence[Row]) -> bool:
    """Returns whether cells stand in columns, or fractions are among them."""
    values = [cells.to_number(c, comma=True) for row in rows for c in row]
    parted = any(v is not None and v % 1 for v in values)
    return parted or any("  " in line.strip() for line in lines)
