"""Tables as text, `.csv` and `.tsv`: read by polars, faults named by line."""

import dataclasses
import functools
import io
import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.data.meaning.missing import is_missing, may_be_missing
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables import blanks, cells, quotes
from kerasnotes.data.readers.tables.dialect import Dialect, detect
from kerasnotes.data.text import encoding

if TYPE_CHECKING:
    import polars as pl

LARGEST = float(np.finfo("float32").max)
MOST = 50
"""Faults told of; a wrong file would fill the screen."""
_BLOCK = 2**18
"""Bytes counted at a time."""
_ENDS = 2**16
"""Characters in which a line must end."""


@dataclasses.dataclass(frozen=True)
class TextTable:
    """A text file of a table, as far as its first lines tell.

    Args:
        path: The file.
        dialect: How it is written.
    """

    path: Path
    dialect: Dialect

    @classmethod
    def open(
        cls,
        path: Path,
        wanted: Collection[str] = (),
        named: str | None = None,
    ) -> "TextTable":
        """Looks at the first lines of a file.

        Args:
            path: The file.
            wanted: Columns that it should have.
            named: Its encoding; found out if left out.

        Raises:
            DataError: If it is no table.
        """
        return cls(path, detect(path, wanted, named))

    @property
    def names(self) -> tuple[str, ...]:
        return self.dialect.names

    @property
    def unnamed(self) -> frozenset[str]:
        return self.dialect.unnamed

    @property
    def texts(self) -> frozenset[str]:
        """Columns of other text than numbers."""
        return self.dialect.texts

    @property
    def odd(self) -> frozenset[str]:
        """Columns of what is neither: a text file has none."""
        return frozenset()

    @property
    def unique(self) -> frozenset[str]:
        """Columns of text that name rows, as far as was looked."""
        return self.dialect.unique

    @property
    def codes(self) -> tuple[str, ...]:
        """Columns of numbers that begin with 0, as far as was looked."""
        return self.dialect.codes

    @property
    def numbered(self) -> frozenset[str]:
        """Of columns without names, those at the ends that number classes."""
        return self.dialect.numbered

    @property
    def prose(self) -> Mapping[str, float]:
        """Columns of texts to read, with their mean length."""
        return self.dialect.prose

    @property
    def comma(self) -> bool:
        """Whether a comma stands before the decimals."""
        return self.dialect.comma

    @property
    def notes(self) -> tuple[str, ...]:
        return self.dialect.notes

    def read(self, texts: Collection[str]) -> "pl.DataFrame":
        """Returns the rows: text as it stands there, numbers as float64.

        What is missing, or is no number, is null.

        Args:
            texts: Columns whose text is wanted.

        Raises:
            DataError: If it cannot be divided into rows and columns.
        """
        import polars as pl

        schema = {
            name: pl.String if name in texts else pl.Float64
            for name in self.names
        }
        numeric = [name for name, kind in schema.items() if kind == pl.Float64]
        frame = None if self.dialect.comma else self._scan(schema)
        if frame is None or not self._is_whole(frame):
            frame = self._read_texts().with_columns(
                cells.to_numbers(name, self.dialect.comma) for name in numeric
            )
        if all(column.null_count() for column in frame):
            # Blank lines are no rows; those of words such as `NA` are.
            written = self._read_texts()
            if len(written) == len(frame):
                blank = (pl.all().str.strip_chars() == "").fill_null(True)
                rows = written.select(pl.all_horizontal(blank)).to_series()
                frame = frame.filter(~rows)
        return frame

    def _read_texts(self) -> "pl.DataFrame":
        import polars as pl

        frame = self._scan(dict.fromkeys(self.names, pl.String))
        if frame is None or not self._is_whole(frame):
            return self._read_slowly()
        return frame

    def _is_whole(self, frame: "pl.DataFrame") -> bool:
        """Returns whether polars found the rows that are there.

        A quote inside of quotes, `"6" nail"`, joins rows to one.
        """
        import polars as pl

        if not self._has_quotes:
            return True
        if len(frame) >= _count_lines(self._source) - self.dialect.skip:
            return True
        filled = frame.filter(~pl.all_horizontal(pl.all().is_null()))
        return len(filled) == self._row_count

    @functools.cached_property
    def _has_quotes(self) -> bool:
        return any(b'"' in block for block in _blocks(self._source))

    @functools.cached_property
    def _row_count(self) -> int:
        """As Python counts rows, which understands every quote."""
        return sum(1 for _ in self._rows())

    def _scan(self, schema: dict[str, Any]) -> "pl.DataFrame | None":
        """Returns all rows in these types; `None` if they do not fit."""
        import polars as pl

        if self.dialect.delimiter == blanks.DELIMITER:
            return None  # polars parts cells by a single sign
        try:
            return pl.read_csv(
                self._source,
                has_header=False,
                separator=self.dialect.delimiter,
                quote_char='"' if self.dialect.quoted else None,
                skip_lines=self.dialect.skip,
                schema=schema,
                glob=False,
                raise_if_empty=False,
            )
        except pl.exceptions.PolarsError:
            return None

    @functools.cached_property
    def _source(self) -> Path | io.BytesIO:
        """The file, or its text where polars cannot read it as it is."""
        named = self.dialect.encoding
        if named in encoding.PLAIN and not _has_old_ends(self.path):
            return self.path
        return io.BytesIO(encoding.as_utf8(self.path, named))

    def _read_slowly(self) -> "pl.DataFrame":
        """Returns all rows as text where Python alone understands quotes."""
        import polars as pl

        rows = [row for _, row in self._rows()]
        if all(len(row) == len(self.names) for row in rows):
            schema = dict.fromkeys(self.names, pl.String)
            return pl.DataFrame(rows, schema, orient="row")
        found = itertools.islice(self._faults((), None, ()), 5)
        raise DataError(
            f"{self.path} cannot be divided into rows and columns.",
            expected=f"{len(self.names)} cells in every line",
            received="\n  ".join(f"line {n}: {text}" for _, n, text in found),
        )

    def faults(
        self,
        features: Sequence[str],
        label: str | None,
        missing: Collection[str],
        problems: Problems,
    ) -> None:
        """Names what cannot be used, by line and column, up to `MOST`.

        Args:
            features: Columns that must hold finite numbers.
            label: The column of labels, if they count.
            missing: Labels that say that there is none.
            problems: Told of each.
        """
        found = self._faults(features, label, missing)
        for kind, line, text in itertools.islice(found, MOST):
            problems.add(kind, f"line {line}", text)

    def _faults(
        self,
        features: Sequence[str],
        label: str | None,
        missing: Collection[str],
    ) -> Iterator[tuple[str, int, str]]:
        places = {name: self.names.index(name) for name in features}
        at = None if label is None else self.names.index(label)
        count = len(self.names)
        for line, row in self._rows():
            if len(row) != count:
                text = f"{len(row)} cells under {count} columns"
                yield "bad cell", line, text
                continue
            for name, place in places.items():
                wrong = self._wrong(row[place])
                if wrong:
                    yield "bad cell", line, f"column {name}: {wrong}"
            if at is not None and row[at].strip() in missing:
                cell = row[at].strip()
                gone = may_be_missing(cell) or cell.lower() == "inf"
                what = _told(cell) if gone else f"{cell[:40]!r} is no number"
                yield "missing label", line, f"column {label}: {what}"

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yields the line that each row begins at, and its cells."""
        dialect = self.dialect
        with encoding.open_text(self.path, dialect.encoding) as file:
            for _ in range(dialect.skip):
                next(file, None)
            reader = quotes.reader(file, dialect.delimiter, dialect.quoted)
            line = dialect.skip + 1
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield line, row
                line = dialect.skip + reader.line_num + 1

    def _wrong(self, cell: str) -> str:
        """Returns what is wrong with a number, or nothing."""
        value = cells.to_number(cell, self.dialect.comma)
        if value is not None and abs(value) <= LARGEST:
            return ""
        if is_missing(cell):
            return _told(cell)
        if value is not None:
            return f"{cell.strip()} is not finite"
        return f"{cell.strip()[:40]!r} is not a number"


def _told(cell: str) -> str:
    text = cell.strip()
    return "missing value" + (f" ({text})" if text else "")


def _count_lines(source: Path | io.BytesIO) -> int:
    lines, last = 0, b"\n"
    for block in _blocks(source):
        lines, last = lines + block.count(b"\n"), block[-1:]
    return lines + (last != b"\n")


def _blocks(source: Path | io.BytesIO) -> Iterator[bytes]:
    with (
        source.open("rb")
        if isinstance(source, Path)
        else io.BytesIO(source.getvalue()) as file
    ):
        while block := file.read(_BLOCK):
            yield block


def _has_old_ends(path: Path) -> bool:
    """Returns whether lines end as on the first Macs, which polars misses."""
    with open(path, "rb") as file:
        head = file.read(_ENDS)
    return b"\r" in head and b"\n" not in head
