"""What every table offers, and its columns as text or numbers."""

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from kerasnotes.data.dataset import Array
from kerasnotes.data.fields import Column
from kerasnotes.data.meaning import categories
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables import json_lines
from kerasnotes.data.readers.tables.text_table import TextTable
from kerasnotes.data.readers.tables.typed_table import FrameTable, ParquetTable

if TYPE_CHECKING:
    import polars as pl

BLOCK = 2**13
"""Rows turned into examples at a time."""
THREADS = 2
"""That do so."""


class TableFile(Protocol):
    """A file of a table, as far as its first lines or its schema tell."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def unnamed(self) -> frozenset[str]: ...

    @property
    def texts(self) -> frozenset[str]: ...

    @property
    def odd(self) -> frozenset[str]: ...

    @property
    def unique(self) -> frozenset[str]: ...

    @property
    def codes(self) -> tuple[str, ...]: ...

    @property
    def numbered(self) -> frozenset[str]: ...

    @property
    def prose(self) -> Mapping[str, float]: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

    @property
    def comma(self) -> bool:
        """Whether a comma stands before the decimals of its texts."""

    def read(self, texts: Collection[str]) -> "pl.DataFrame":
        """Returns columns `texts` as text, the rest as float64 or null."""
        ...

    def faults(
        self,
        features: Sequence[str],
        label: str | None,
        missing: Collection[str],
        problems: Problems,
    ) -> None:
        """Names every value of these columns that cannot be used.

        Args:
            features: Columns that must hold finite numbers.
            label: The column of labels, if they count.
            missing: Labels that say that there is none.
            problems: Told of each.
        """
        ...


def open_table(
    path: Path, wanted: Collection[str] = (), named: str | None = None
) -> TableFile:
    """Looks at a file of a table.

    Args:
        path: The file.
        wanted: Columns that it should have.
        named: The encoding of a text; found out if left out.

    Raises:
        DataError: If it is none.
    """
    if path.suffix.lower() == ".parquet":
        return ParquetTable.open(path)
    if path.suffix.lower() in json_lines.SUFFIXES:
        return FrameTable.of(json_lines.read(path, named))
    return TextTable.open(path, wanted, named)


def read_columns(table: TableFile, texts: Collection[str]) -> "pl.DataFrame":
    """Returns a table's rows: `texts` as text, the rest as float64 or null.

    Yes and no are spelled as Parquet has them: pandas writes `True`, polars
    `true`, spreadsheets `TRUE`.
    """
    import polars as pl

    frame = table.read(texts)
    lower = {name: pl.col(name).str.to_lowercase() for name in texts}
    logical = {
        name: low.is_in(["true", "false"]) for name, low in lower.items()
    }
    firsts = frame.head(BLOCK).select(
        found.fill_null(True).all() for found in logical.values()
    )
    return frame.with_columns(
        pl.when(logical[name]).then(lower[name]).otherwise(name).alias(name)
        for name in firsts.columns
        if firsts[name].item()
    )


def lacks_cells(table: TableFile, frame: "pl.DataFrame") -> bool:
    """Returns whether a row may have too few cells: it lacks the last one."""
    return bool(frame[table.names[-1]].null_count())


def to_inputs(frame: "pl.DataFrame", features: Sequence[Column]) -> Array:
    """Returns columns as examples `(N, D)`, float32.

    A number that is null is NaN; a category that is not known is 0.
    """
    named = [column.name for column in features if column.categories]
    return to_array(to_numbers(frame, features, distinct_texts(frame, named)))


def to_numbers(
    frame: "pl.DataFrame",
    features: Sequence[Column],
    texts: Mapping[str, list[str]],
) -> "pl.DataFrame":
    """Returns columns without their texts, which take most of the memory.

    Args:
        frame: The table.
        features: Which columns.
        texts: The different ones of each column with categories: few are
            looked at, however many rows hold them.
    """
    import polars as pl

    return frame.select(
        _codes(column, texts[column.name])
        if column.categories
        else pl.col(column.name)
        for column in features
    )


def distinct_texts(
    frame: "pl.DataFrame", names: Sequence[str]
) -> dict[str, list[str]]:
    """Returns what stands in columns of text, each text once, in no order."""
    import polars as pl

    # In one call: polars looks at several columns at a time.
    found = frame.select(
        pl.col(name).drop_nulls().unique().implode() for name in names
    )
    return {name: found[name].item().to_list() for name in names}


def to_array(picked: "pl.DataFrame") -> Array:
    """Returns columns of numbers as `(N, D)`, float32; null is NaN."""
    import polars as pl

    x = np.empty(picked.shape, "float32")

    def fill(start: int) -> None:
        # What float32 cannot hold becomes infinite, and is told of.
        block = picked.slice(start, BLOCK).cast(pl.Float32)
        x[start : start + BLOCK] = block.to_numpy(order="c")

    # Most of the time goes into memory touched for the first time.
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(fill, range(0, len(x), BLOCK)):
            pass
    return x


def _codes(column: Column, texts: list[str]) -> "pl.Expr":
    import polars as pl

    codes = categories.encode(texts, column.categories)
    return pl.col(column.name).replace_strict(
        texts, codes.tolist(), default=0.0, return_dtype=pl.Float32
    )
