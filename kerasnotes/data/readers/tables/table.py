"""Tables in files: `.csv`, `.tsv` and `.parquet`, a class per row."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.meaning import columns, labels, precision
from kerasnotes.data.meaning.missing import missing_labels
from kerasnotes.data.memory import make_dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.parquet import ParquetTable
from kerasnotes.data.readers.tables.text_table import TextTable

if TYPE_CHECKING:
    import polars as pl

BLOCK = 2**12
"""Rows turned into examples at a time."""


class TableFile(Protocol):
    """A file of a table, as far as its first lines or its schema tell."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def unnamed(self) -> frozenset[str]: ...

    @property
    def texts(self) -> frozenset[str]: ...

    @property
    def unique(self) -> frozenset[str]: ...

    @property
    def notes(self) -> tuple[str, ...]: ...

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


def open_table(path: Path, wanted: Collection[str] = ()) -> TableFile:
    """Looks at a file of a table.

    Args:
        path: The file.
        wanted: Columns that it should have.

    Raises:
        DataError: If it is none.
    """
    if path.suffix.lower() == ".parquet":
        return ParquetTable.open(path)
    return TextTable.open(path, wanted)


def read(path: Path, config: DataConfig, problems: Problems) -> Dataset | None:
    """Reads a table of numbers with a class per row.

    Raises:
        DataError: If it is no table, its label is not clear, or the labels
            are numbers of a regression.
    """
    table = open_table(path)
    for note in table.notes:
        problems.note(note)
    if len(table.names) < 2:
        raise DataError(
            f"{path} has a single column, {table.names[0]!r}.",
            expected="a column of labels, and columns of numbers; commas, "
            "semicolons, tabs or | between them",
        )
    label, why = columns.choose_label(
        table.names,
        config,
        str(path),
        texts=table.texts - table.unique,
        unnamed=table.unnamed,
    )
    frame = table.read({*table.texts, label})
    if not len(frame):
        problems.add("empty", path.name, "no row below the header")
        return None
    features = _features(table, frame, label, config, problems)
    columns.tell(label, why, features, problems)
    x = to_inputs(frame, features)
    known, codes = _distinct(frame[label])
    missing = {m.strip() for m in missing_labels(known, config.classes)}
    if missing or not np.isfinite(x).all():
        table.faults(features, label, missing, problems)
    if problems.fatal:
        return None
    del frame
    y, names = labels.encode_texts(known, codes, path.name, config, problems)
    return make_dataset(
        {"all": (x, y)},
        config,
        problems,
        name=path.stem,
        classes=names,
        features=tuple(features),
    )


def to_inputs(frame: "pl.DataFrame", features: Sequence[str]) -> Array:
    """Returns columns as examples `(N, D)`, float32; what is null is NaN."""
    picked = frame.select(features)
    x = np.empty(picked.shape, "float32")
    # What float32 cannot hold becomes infinite, and is told of.
    with np.errstate(over="ignore"):
        for start in range(0, len(x), BLOCK):
            x[start : start + BLOCK] = picked.slice(start, BLOCK).to_numpy()
    return x


def _features(
    table: TableFile,
    frame: "pl.DataFrame",
    label: str,
    config: DataConfig,
    problems: Problems,
) -> list[str]:
    """Returns the columns that are trained on; says which are not, and why.

    Raises:
        DataError: If none is left.
    """
    rest = [name for name in table.names if name != label]
    dropped = columns.left_out(rest, config, problems)
    left = [name for name in rest if name not in dropped]
    numeric = [name for name in left if name not in table.texts]
    values = {name: frame[name].to_numpy() for name in numeric}
    dropped |= columns.counters(values, config, table.unnamed)
    for name in (name for name in left if name in table.texts):
        if columns.is_identifier(name) and frame[name].is_unique().all():
            dropped[name] = "it is another text in every row"
        else:
            _refuse_text(frame[name], problems)
    columns.tell_dropped(dropped, problems)
    features = [name for name in numeric if name not in dropped]
    if not features and not problems.fatal:
        raise DataError(
            "No column is left to train on.",
            expected=f"columns of numbers beside the label `{label}`",
            received="columns " + columns.listed(table.names),
        )
    columns.tell_identifiers(features, problems)
    precision.check({name: values[name] for name in features}, problems)
    return features


def _refuse_text(column: "pl.Series", problems: Problems) -> None:
    some = column.drop_nulls().unique(maintain_order=True).head(3).to_list()
    told = ", ".join(repr(text.strip()[:20]) for text in some)
    problems.add(
        "text column",
        f"column {column.name}",
        f"it holds text ({told}), not numbers",
    )


def _distinct(column: "pl.Series") -> tuple[list[str], Array]:
    """Returns the different labels, sorted, and which each row has."""
    import polars as pl

    filled = column.fill_null("")
    known = sorted(filled.unique().to_list())
    codes = filled.cast(pl.Enum(known)).to_physical().to_numpy()
    return known, codes
