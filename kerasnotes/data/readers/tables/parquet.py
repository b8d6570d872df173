"""Tables as `.parquet`, which say of themselves what each column holds."""

import dataclasses
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kerasnotes.base.errors import DataError
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
class ParquetTable:
    """A Parquet file, as far as its schema tells.

    Args:
        path: The file.
        schema: Types by column.
    """

    path: Path
    schema: "pl.Schema"

    @classmethod
    def open(cls, path: Path) -> "ParquetTable":
        """Reads a file's schema.

        Raises:
            DataError: If it is damaged.
        """
        import polars as pl

        try:
            return cls(path, pl.Schema(pl.read_parquet_schema(path)))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _refuse(path, str(error)) from None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.schema)

    @property
    def unnamed(self) -> frozenset[str]:
        return frozenset(n for n in self.schema if n.startswith(_INDEX))

    @property
    def texts(self) -> frozenset[str]:
        """Columns of anything else than numbers, yes and no."""
        import polars as pl

        return frozenset(
            name
            for name, kind in self.schema.items()
            if not (kind.is_numeric() or kind == pl.Boolean)
        )

    @property
    def unique(self) -> frozenset[str]:
        """Columns of text that name rows, as far as was looked."""
        import polars as pl

        texts = sorted(self.texts)
        some = pl.read_parquet(
            self.path, columns=texts, n_rows=ROWS, glob=False
        )
        return frozenset(n for n in texts if some[n].is_unique().all())

    @property
    def comma(self) -> bool:
        return False

    @property
    def notes(self) -> tuple[str, ...]:
        return ()

    def read(self, texts: Collection[str]) -> "pl.DataFrame":
        """Returns the rows: columns `texts` as text, the rest as float64.

        Raises:
            DataError: If the file is damaged, or a column has no text.
        """
        import polars as pl

        try:
            frame = pl.read_parquet(self.path, glob=False)
            return frame.with_columns(
                pl.col(name).cast(
                    pl.String if name in texts else pl.Float64, strict=False
                )
                for name in self.names
            )
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _refuse(self.path, str(error)) from None

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
        problems.add(kind, f"row {row}", f"column {column.name}: {text}")


def _refuse(path: Path, reason: str) -> DataError:
    return DataError(
        f"{path} cannot be read as Parquet: {reason.splitlines()[0]}.",
        expected="a whole Parquet file of plain columns",
        received=str(path),
    )
