"""How a text table is written: its encoding, delimiter, header, decimals.

All of it is guessed from the first lines; what is not usual is said.
"""

import csv
import dataclasses
import itertools
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from kerasnotes.base.errors import DataError
from kerasnotes.base.spelling import composed
from kerasnotes.data.meaning import labels, prose
from kerasnotes.data.meaning.missing import is_missing
from kerasnotes.data.readers.tables import blanks, cells, quotes
from kerasnotes.data.text import encoding, legacy

DELIMITERS = (",", ";", "\t", "|")
LINES = 200
"""Rows looked at."""
LONGEST = 2**22
"""Characters looked at: a line may hold a whole image."""
_CODE = re.compile(r"0\d+")
_SEP = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_ENDS = (".", "!", "?", "…", "。", "！", "？")
"""Of sentences."""

Row = list[str]


@dataclasses.dataclass(frozen=True)
class Dialect:
    """How a text table is written.

    Args:
        encoding: Its name in Python.
        delimiter: Between cells; a blank is any run of blanks and tabs.
        names: The columns', of the header or made up.
        unnamed: Those whose name is made up beside a header.
        texts: Those that hold other text than numbers.
        unique: Those of them in which no text comes twice.
        prose: Those of them that hold texts to read, not categories, and how
            long these are in the mean, characters.
        numbered: Of columns without names, the first and the last, if they
            hold 1, 2 ... K as the numbers of classes do.
        codes: Those that hold numbers as `02134` of a post code.
        comma: Whether a comma stands before decimals.
        skip: Lines above the first row.
        quoted: Whether `"` around a cell belongs to none; else quotes are
            signs as all others.
        notes: What is not usual, a sentence each.
    """

    encoding: str
    delimiter: str
    names: tuple[str, ...]
    unnamed: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    unique: frozenset[str] = frozenset()
    prose: Mapping[str, float] = dataclasses.field(default_factory=dict)
    numbered: frozenset[str] = frozenset()
    codes: tuple[str, ...] = ()
    comma: bool = False
    skip: int = 0
    quoted: bool = True
    notes: tuple[str, ...] = ()


def detect(
    path: Path, wanted: Collection[str] = (), named: str | None = None
) -> Dialect:
    """Finds out how a text table is written.

    Args:
        path: The file.
        wanted: Columns that it should have: a first line that names them is
            a header, even if it looks like numbers.
        named: Its encoding; found out if left out.

    Raises:
        DataError: If it is no table, or can be read in two ways.
    """
    said = named is not None
    if named is None:
        named = encoding.detect(path, wanted)
    else:
        encoding.check(path, named)
    lines, above, delimiter = _lines(path, named)
    if not lines:
        _refuse(path, "it is empty")
    delimiter = delimiter or _delimiter_or_blanks(lines)
    quoted = quotes.are_around_cells(path, named, delimiter)
    rows, ends = _parse(lines, delimiter, quoted)
    start = _first_row(rows, [above + end for end in ends], path)
    first, body = _strip(rows[start]), rows[start + 1 :]
    comma = _decimal_comma([first, *body], delimiter, path)
    _check_points(body, delimiter, path)
    named_so = bool(wanted) and set(wanted) <= set(first)
    headed = named_so or _is_header(first, body, comma)
    if headed:
        first[0] = first[0].lstrip("# ")
    names, unnamed = _names(first if headed else [""] * len(first), path)
    values = _columns(names, body if headed else [first, *body])
    texts = {name for name in names if _is_text(values[name], comma)}
    apart = {n for n in texts if len(set(values[n])) == len(values[n])}
    return Dialect(
        encoding=named,
        delimiter=delimiter,
        names=names,
        unnamed=unnamed if headed else frozenset(),
        texts=frozenset(texts),
        unique=frozenset(apart),
        prose=prose.lengths({n: values[n] for n in names if n in texts}),
        codes=_codes({n: values[n] for n in names if n not in texts}),
        numbered=frozenset(
            n
            for n in {names[0], names[-1]}
            if not headed and _are_numbered(values[n], comma)
        ),
        comma=comma,
        quoted=quoted,
        skip=above + (ends[start] if headed else ([0, *ends])[start]),
        notes=(
            *([] if said else _told(named, lines)),
            *([] if quoted else [quotes.TOLD]),
            *([blanks.TOLD] if delimiter == blanks.DELIMITER else []),
            *_tell_above(rows[:start], delimiter, headed),
            *_notes(comma, headed, names),
        ),
    )


def _lines(path: Path, named: str) -> tuple[list[str], int, str | None]:
    """Returns whole lines, how many were passed over, and `sep=`'s word."""
    lines: list[str] = []
    above, delimiter, size = 0, None, 0
    with encoding.open_text(path, named) as file:
        for line in file:
            said = _SEP.fullmatch(line)
            if not lines and (said or not line.strip()):
                above += 1
                delimiter = said.group(1) if said else delimiter
                continue
            lines.append(line)
            size += len(line)
            if len(lines) >= LINES or size > LONGEST:
                break
    return lines, above, delimiter


def _parse(
    lines: list[str], delimiter: str, quoted: bool = True
) -> tuple[list[Row], list[int]]:
    """Returns rows that hold something, and the line that each ends with."""
    reader = quotes.reader(lines, delimiter, quoted)
    rows, ends = [], []
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                ends.append(reader.line_num)
    except csv.Error:
        # A cell beyond the limit: the quote that opens it is none.
        pass
    return rows, ends


def _delimiter_or_blanks(lines: list[str]) -> str:
    found = _delimiter(lines)
    by_blanks = blanks.part(lines, found, _parse(lines, found)[0])
    return blanks.DELIMITER if by_blanks else found


def _delimiter(lines: list[str]) -> str:
    """Returns what parts all lines into equally many cells, quotes heeded.

    Of tabs and commas that do, tabs: people write commas in texts.
    """

    def rate(delimiter: str) -> tuple[float, float, int]:
        return max(
            _score(_parse(lines, delimiter, quoted)[0])
            for quoted in ((True, False) if delimiter == "\t" else (True,))
        )

    return max(("\t", *DELIMITERS), key=rate)


def _score(rows: list[Row]) -> tuple[float, float, int]:
    """Rates a delimiter: alike rows, then cells that are numbers, width."""
    if not rows:
        return 0.0, 0.0, 0
    width, count = Counter(map(len, rows)).most_common(1)[0]
    if width < 2:
        return 0.0, 0.0, 0
    found = [cells.to_number(c, comma=True) for row in rows for c in row]
    numbers = sum(number is not None for number in found)
    return count / len(rows), numbers / len(found), width


def _first_row(rows: list[Row], lines: Sequence[int], path: Path) -> int:
    """Returns which row is the first of the table, below comments or titles.

    Args:
        rows: Those that hold something.
        lines: Of the file, where each ends.
        path: The file.
    """
    width = Counter(map(len, rows)).most_common(1)[0][0]
    start = 0
    while start + 1 < len(rows) and _is_above(rows[start], width):
        start += 1
    if len(rows[start]) != width and len(rows) > 2:
        _refuse(
            path,
            f"line {lines[start]} has {_cells(len(rows[start]))}, "
            f"those below have {width}",
            "if it is a title: delete what stands above the column names, or "
            "begin each of these lines with #; if it names columns: name all",
        )
    return start


def _is_above(row: Row, width: int) -> bool:
    """Returns whether a row stands above a table: a comment, or a title.

    A title is one cell, beside which a spreadsheet may leave others empty.
    """
    if len(row) != width and row[0].startswith("#"):
        return True
    alone = bool(row[0].strip()) and not any(c.strip() for c in row[1:])
    return alone and len(row) in ({1, width} if width > 2 else {1} - {width})


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _strip(row: Row) -> Row:
    return [cell.strip() for cell in row]


def _decimal_comma(rows: list[Row], delimiter: str, path: Path) -> bool:
    flat = [cell for row in rows for cell in row]
    example = cells.thousands(flat)
    if example is not None:
        _refuse(path, f"{example!r} may be thousands or decimals")
    return cells.has_decimal_commas(flat)


def _check_points(rows: list[Row], delimiter: str, path: Path) -> None:
    """Refuses a column of whole numbers with `1.201` among them.

    Where cells are not parted by commas, that may be 1201.
    """
    if delimiter == ",":
        return
    for column in itertools.zip_longest(*rows, fillvalue=""):
        example = cells.dotted(column)
        if example is not None:
            _refuse(path, f"{example!r} may be thousands or decimals")


def _is_header(first: Row, body: list[Row], comma: bool) -> bool:
    """Returns whether the first row names columns, and holds no values.

    Names may be numbers themselves: `0,1,2,label` of pandas, or the
    wavelengths of a spectrum.
    """
    numbers = [cells.to_number(cell, comma) for cell in first]
    if all(number is None for number in numbers):
        return not _comes_again(first, body)
    if not body:
        return False
    for place, cell in enumerate(first):
        column = [row[place] for row in body if len(row) == len(first)]
        numeric = _is_numeric(column, comma)
        if numeric and numbers[place] is None and not is_missing(cell):
            return True
        if not numeric and cell in _strip(column):
            return False
    known = [number for number in numbers if number is not None]
    if len(known) == len(first):
        if _is_row_of_names(known) and _stands_over_words(first, body, comma):
            return True
        if _is_row_of_names(known) and _are_parted(body, len(first), comma):
            return True  # years above fractions
        return known in (
            list(range(len(known))),
            list(range(1, len(known) + 1)),
        )
    return _is_row_of_names(known)


def _stands_over_words(first: Row, body: list[Row], comma: bool) -> bool:
    """Returns whether a column holds no number below its first cell."""
    rows = [row for row in body if len(row) == len(first)]
    return len(rows) > 1 and any(
        all(cells.to_number(cell, comma) is None for cell in column)
        for column in zip(*rows, strict=True)
    )


def _comes_again(first: Row, body: list[Row]) -> bool:
    """Returns whether a first row of words holds values: `ham`, `spam`.

    One of its cells is a category of its column, or a sentence as most of
    its column are. Where the whole row comes again, tables with their headers
    were joined.
    """
    whole = [_strip(row) for row in body if len(row) == len(first)]
    if first in whole:
        return False
    return any(
        column.count(cell) > 1 or _are_sentences(cell, column)
        for cell, column in zip(first, zip(*whole, strict=True), strict=False)
        if cell
    )


def _are_sentences(cell: str, column: Sequence[str]) -> bool:
    """Returns whether a cell ends as a sentence does, as most of a column."""
    ended = sum(other.endswith(_ENDS) for other in column)
    return cell.endswith(_ENDS) and 2 * ended > len(column)


def _is_row_of_names(numbers: list[float]) -> bool:
    """Returns whether numbers rise, as those of a spectrum's header do."""
    whole = all(number == int(number) for number in numbers)
    return whole and numbers == sorted(set(numbers)) and len(numbers) > 1


def _are_parted(body: list[Row], width: int, comma: bool) -> bool:
    """Returns whether every column holds fractions, in most of its cells."""
    rows = [row for row in body if len(row) == width]
    for column in zip(*rows, strict=True):
        found = [cells.to_number(cell, comma) for cell in column]
        parted = sum(value is not None and bool(value % 1) for value in found)
        if 2 * parted <= len(found):
            return False
    return len(rows) > 1


def _is_numeric(column: Sequence[str], comma: bool) -> bool:
    """Returns whether cells are numbers, but for those that are missing."""
    present = [cell for cell in column if not is_missing(cell)]
    found = [cells.to_number(cell, comma) is not None for cell in present]
    # A few wrong cells make no text of a column: their lines are told.
    return bool(found) and 2 * sum(found) >= len(found)


def _names(first: Row, path: Path) -> tuple[tuple[str, ...], frozenset[str]]:
    made = {place for place, name in enumerate(first) if not name}
    names = [composed(name) or f"column{i + 1}" for i, name in enumerate(first)]
    twins = [name for name in names if names.count(name) > 1]
    if twins:
        twin = min(twins)
        places = [str(n) for n, name in enumerate(names, 1) if name == twin]
        _refuse(
            path,
            f"columns {' and '.join(places)} are all called {twin!r}"
            if len(places) > 2
            else f"two columns are called {twin!r}, "
            f"{' and '.join(places)} from the left",
            "rename all but one of them in the first line, or take them out",
        )
    return tuple(names), frozenset(names[place] for place in made)


def _columns(names: Sequence[str], rows: list[Row]) -> dict[str, Row]:
    """Returns the cells that hold something, by column, of whole rows."""
    whole = [row for row in rows if len(row) == len(names)]
    return {
        name: [row[n] for row in whole if not is_missing(row[n])]
        for n, name in enumerate(names)
    }


def _is_text(column: Row, comma: bool) -> bool:
    return bool(column) and not _is_numeric(column, comma)


def _are_numbered(column: Row, comma: bool) -> bool:
    """Returns whether cells are a few numbers from 0 or 1 on, none left out.

    Of many lines that are sorted by class, a single number may be seen.
    """
    found = Counter(cells.to_number(cell, comma) for cell in column)
    known = sorted(-1 if value is None else value for value in found)
    if not known or known[0] not in (0, 1) or len(known) > labels.FEW:
        return False
    least = 1 if len(column) >= LINES - 1 else 2
    gaps = known != [known[0] + i for i in range(len(known))]
    return not gaps and len(known) >= least and min(found.values()) > 1


def _told(named: str, lines: list[str]) -> list[str]:
    """Returns what is told of an encoding that was guessed."""
    if named in encoding.PLAIN:
        return []
    name = "Windows-1252" if named == "cp1252" else named.upper()
    found = legacy.words("".join(lines), 2)
    told = f" ({', '.join(found)})" if found else ""
    wrong = (
        "" if "16" in name else "; if that is wrong: --set data.encoding=NAME"
    )
    return [f"The file is not UTF-8; it is read as {name}{told}{wrong}."]


def _tell_above(rows: Sequence[Row], delimiter: str, headed: bool) -> list[str]:
    """Returns what is told of titles and comments above a table."""
    titles = [delimiter.join(filter(None, _strip(row))) for row in rows]
    if not titles:
        return []
    told = ", ".join(repr(title[:60]) for title in titles[:3])
    many = len(titles) > 1
    return [
        f"{told} stand{'s' * (not many)} above the "
        f"{'column names' if headed else 'first row'} and "
        f"{'are' if many else 'is'} left out."
    ]


def _notes(comma: bool, headed: bool, names: Sequence[str]) -> list[str]:
    notes = []
    if comma:
        notes.append("Decimals are written with a comma.")
    if not headed:
        notes.append(
            "The first line holds values, not names: the columns are called "
            f"{names[0]} to {names[-1]}."
        )
    return notes


def _codes(numeric: Mapping[str, Row]) -> tuple[str, ...]:
    """Returns which columns of numbers hold codes: `02134` of a post code."""
    return tuple(
        name
        for name, column in numeric.items()
        if any(_CODE.fullmatch(cell) for cell in _strip(column))
    )


def _refuse(path: Path, reason: str, hint: str | None = None) -> NoReturn:
    raise DataError(
        f"{path} is not a table that can be read: {reason}.",
        expected="a line of column names, then rows of as many cells; commas, "
        "semicolons, tabs, | or blanks between them; decimals with a point",
        received=str(path),
        hint=hint,
    )
