"""Tables that say of themselves what each column holds: Parquet, frames."""

import abc
import dataclasses
import functools
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kerasnotes.base.errors import DataError
from kerasnotes.base.spelling import composed
from kerasnotes.data.meaning import prose
from kerasnotes.data.problems import Problems

if TYPE_CHECKING:
    import polars as pl

ROWS = 200
"""Rows looked at to see whether a column's text repeats."""
MOST = 50
"""Faults told of, of one column."""
_INDEX = "__index_level_"
"""How pandas calls an index without a name."""


@dataclasses.dataclass(frozen=True)
class TypedTable(abc.ABC):
    """A table with a schema.

    Args:
        schema: Types by column.
    """

    schema: "pl.Schema"

    @abc.abstractmethod
    def whole(self) -> "pl.DataFrame":
        """Returns all of it."""

    @abc.abstractmethod
    def head(self, columns: Sequence[str]) -> "pl.DataFrame":
        """Returns the first rows of some columns."""

    @abc.abstractmethod
    def column(self, name: str) -> "pl.Series":
        """Returns one column as it is."""

    @functools.cached_property
    def dates(self) -> frozenset[str]:
        """Columns of days, or of days and times."""
        import polars as pl

        return frozenset(
            name
            for name, kind in self.schema.items()
            if kind in (pl.Date, pl.Datetime)
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.schema)

    @property
    def unnamed(self) -> frozenset[str]:
        return frozenset(n for n in self.schema if n.startswith(_INDEX))

    @functools.cached_property
    def texts(self) -> frozenset[str]:
        """Columns of anything else than numbers."""
        return frozenset(
            name for name, kind in self.schema.items() if not kind.is_numeric()
        )

    @property
    def codes(self) -> tuple[str, ...]:
        """Columns of numbers that begin with 0: none, numbers have a type."""
        return ()

    @property
    def numbered(self) -> frozenset[str]:
        """Columns without names that number classes: all have names."""
        return frozenset()

    @functools.cached_property
    def odd(self) -> frozenset[str]:
        """Columns of lists, bytes, durations: nothing that a cell holds."""
        import polars as pl

        odd = (pl.Object, pl.Binary, pl.Duration, pl.Null)
        return frozenset(
            name
            for name, kind in self.schema.items()
            if kind.is_nested() or kind in odd
        )

    @functools.cached_property
    def unique(self) -> frozenset[str]:
        """Columns of text that name rows, as far as was looked."""
        texts = sorted(self.texts - self.odd)
        some = self.head(texts)
        return frozenset(n for n in texts if some[n].is_unique().all())

    @functools.cached_property
    def prose(self) -> Mapping[str, float]:
        """Columns of texts to read, with their mean length."""
        import polars as pl

        texts = [n for n, k in self.schema.items() if k == pl.String]
        some = self.head(texts)
        return prose.lengths(
            {name: some[name].drop_nulls().to_list() for name in texts}
        )

    @property
    def comma(self) -> bool:
        return False

    @property
    def notes(self) -> tuple[str, ...]:
        return ()

    def read(self, texts: Collection[str]) -> "pl.DataFrame":
        """Returns the rows: columns `texts` as text, the rest as floats.

        Columns `odd` are null.

        Raises:
            DataError: If a file is damaged.
        """
        import polars as pl

        nothing = pl.lit(None, pl.String)
        frame = self.whole().with_columns(
            nothing.alias(name) for name in self.odd
        )
        return frame.with_columns(
            pl.col(name).cast(
                pl.String if name in texts else pl.Float64, strict=False
            )
            for name, kind in frame.schema.items()
            # What an example holds as float32 needs no double of it.
            if name in texts or kind != pl.Float32
        )

    def faults(
        self,
        features: Sequence[str],
        label: str | None,
        missing: Collection[str],
        problems: Problems,
    ) -> None:
        """Names what cannot be used, by row from 0 and column.

        Args:
            features: Columns that must hold finite numbers.
            label: The column of labels, if they count.
            missing: Labels that say that there is none.
            problems: Told of each.
        """
        frame = self.read(() if label is None else (label,))
        for name in features:
            good = frame[name].is_finite().fill_null(False)
            _tell(frame[name], good, "bad cell", problems)
        if label is not None:
            labels = frame[label].fill_null("").str.strip_chars()
            good = ~labels.is_in(list(missing))
            _tell(labels, good, "missing label", problems)


def _tell(
    column: "pl.Series", good: "pl.Series", kind: str, problems: Problems
) -> None:
    """Names the rows of a column that are not good, up to `MOST`."""
    for row in (~good).arg_true().to_list()[:MOST]:
        value = column[row]
        text = f"missing value ({value})" if value else "missing value"
        where = f"row {row}, counted from 0"
        problems.add(kind, where, f"column {column.name}: {text}")


@dataclasses.dataclass(frozen=True)
class ParquetTable(TypedTable):
    """A Parquet file, as far as its schema tells.

    Args:
        path: The file.
    """

    path: Path

    @classmethod
    def open(cls, path: Path) -> "ParquetTable":
        """Reads a file's schema.

        Raises:
            DataError: If it is damaged.
        """
        import polars as pl

        try:
            return cls(_scan(path).collect_schema(), path)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _refuse(path, str(error)) from None

    def whole(self) -> "pl.DataFrame":
        import polars as pl

        try:
            return _scan(self.path).collect()
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _refuse(self.path, str(error)) from None

    def column(self, name: str) -> "pl.Series":
        return _scan(self.path).select(name).collect()[name]

    def head(self, columns: Sequence[str]) -> "pl.DataFrame":
        return _scan(self.path).select(columns).head(ROWS).collect()


@dataclasses.dataclass(frozen=True)
class FrameTable(TypedTable):
    """A data frame in memory.

    Args:
        frame: Its columns.
    """

    frame: "pl.DataFrame"

    @classmethod
    def of(cls, frame: "pl.DataFrame") -> "FrameTable":
        named = frame.rename(composed)
        return cls(named.schema, named)

    def whole(self) -> "pl.DataFrame":
        return self.frame

    def column(self, name: str) -> "pl.Series":
        return self.frame[name]

    def head(self, columns: Sequence[str]) -> "pl.DataFrame":
        return self.frame.select(columns).head(ROWS)


def _scan(path: Path) -> "pl.LazyFrame":
    import polars as pl

    return pl.scan_parquet(path, glob=False).rename(composed)


def _refuse(path: Path, reason: str) -> DataError:
    return DataError(
        f"{path} cannot be read as Parquet: {reason.splitlines()[0]}.",
        expected="a whole Parquet file of plain columns",
        received=str(path),
    )
