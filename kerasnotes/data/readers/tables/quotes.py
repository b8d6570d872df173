"""Whether quotes in a text table are around cells, or part of what it says.

Of messages, one a line, many begin with a quote or hold a single one: read as
those of spreadsheets, such a quote joins all lines up to the next one.
"""

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from kerasnotes.data.readers.tables import blanks
from kerasnotes.data.text import encoding

TOLD = (
    'Quotes (") are part of the texts here: no cell is put between two, as '
    "spreadsheets do."
)
_CLOSED = re.compile(r'"(?:[^"]|"")*"')


def reader(lines: Iterable[str], delimiter: str, quoted: bool) -> Any:
    """Returns a reader of `csv`.

    Args:
        lines: Of a table.
        delimiter: Between cells; a blank is any run of them.
        quoted: Whether quotes are around cells.
    """
    if delimiter == blanks.DELIMITER:
        single = blanks.as_single(lines)
        return csv.reader(single, delimiter=delimiter, skipinitialspace=True)
    if quoted:
        return csv.reader(lines, delimiter=delimiter)
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)


def are_around_cells(path: Path, named: str, delimiter: str) -> bool:
    """Returns whether quotes are around cells, as they are in most tables.

    They are not in lines divided by tabs, each into as many cells, if a cell
    begins with a quote that does not end it.

    Args:
        path: The file.
        named: Its encoding.
        delimiter: Between cells.
    """
    if delimiter != "\t":
        return True
    width, odd = 0, False
    with encoding.open_text(path, named) as file:
        for line in file:
            if not line.strip():
                continue
            width = width or line.count(delimiter)
            if line.count(delimiter) != width:
                return True
            if not odd and '"' in line:
                odd = any(
                    cell.startswith('"') and not _CLOSED.fullmatch(cell)
                    for cell in line.rstrip("\r\n").split(delimiter)
                )
    return not odd
