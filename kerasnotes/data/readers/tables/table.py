"""Tables in files: `.csv`, `.tsv` and `.parquet`, a label per row."""

import dataclasses
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data import fields
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.fields import Column
from kerasnotes.data.meaning import (
    categories,
    columns,
    labels,
    precision,
    regression,
)
from kerasnotes.data.meaning.missing import missing_labels
from kerasnotes.data.memory import make_dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables import cells
from kerasnotes.data.readers.tables.text_table import TextTable
from kerasnotes.data.readers.tables.typed_table import ParquetTable

if TYPE_CHECKING:
    import polars as pl

MANY = 3
"""Faults of one column that are also counted."""
FEW = 10
"""Fewer different numbers beside other texts are names of classes."""
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
    def odd(self) -> frozenset[str]: ...

    @property
    def unique(self) -> frozenset[str]: ...

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
    """Reads a file of numbers and categories, with a label per row.

    Raises:
        DataError: If it is no table, or its label is not clear.
    """
    return read_table(open_table(path), str(path), config, problems)


def read_table(
    table: TableFile, place: str, config: DataConfig, problems: Problems
) -> Dataset | None:
    """Reads a table of numbers and categories, with a label per row.

    Args:
        table: As it was opened.
        place: The file's path, or what else messages call it.
        config: Which columns mean what.
        problems: Told of what cannot be used.

    Raises:
        DataError: If its label is not clear.
    """
    for note in table.notes:
        problems.note(note)
    label, why = _choose_label(table, place, config)
    _check_categories(table, config, label)
    frame = read_columns(table, {*table.texts, *config.categories, label})
    if not len(frame):
        problems.add("empty", Path(place).name, "no row below the header")
        return None
    features = _features(table, frame, label, config, problems)
    columns.tell(label, why, [column.name for column in features], problems)
    x = to_inputs(frame, features)
    for number, column in enumerate(features):
        if column.categories:
            unknown = int((x[:, number] == 0).sum())
            categories.tell(column, unknown, problems)
    found = _read_labels(table, frame[label], config, problems)
    # A row with too few cells lacks the last one.
    short = bool(frame[table.names[-1]].null_count())
    if found.missing or short or not np.isfinite(x).all():
        numeric = [c.name for c in features if not c.categories]
        _count_faults(frame, numeric, problems)
        table.faults(numeric, label, found.missing, problems)
    if problems.fatal:
        return None
    del frame
    if found.values is not None:
        y, target = regression.finish(found.values, [label], config, problems)
    else:
        where = Path(place).name
        y, names = labels.encode_texts(
            found.known, found.codes, where, config, problems
        )
        target = fields.one_class(labels.rename(names, config.classes))
    return make_dataset(
        {"all": (x, y)},
        config,
        problems,
        name=Path(place).stem,
        target=target,
        features=features,
    )


@dataclasses.dataclass(frozen=True)
class _Labels:
    """A column of labels: measured, or texts.

    Args:
        missing: Texts that are none.
        values: Array `(N, 1)` of what is measured.
        known: The different texts, sorted.
        codes: Which of them each row has.
    """

    missing: Collection[str] = ()
    values: Array | None = None
    known: Sequence[str] = ()
    codes: Array = dataclasses.field(default_factory=lambda: np.empty(0))


def _read_labels(
    table: TableFile,
    column: "pl.Series",
    config: DataConfig,
    problems: Problems,
) -> _Labels:
    if config.labels != "classes" and config.classes is None:
        fractions = _fractions(column, table.comma)
        if fractions is not None:
            return _Labels(values=fractions[:, None])
    known, codes = _distinct(column)
    missing = {m.strip() for m in missing_labels(known, config.classes)}
    numbers = _measured(known, len(column), table.comma, missing, config)
    if numbers is not None:
        missing |= {t for t, v in numbers.items() if not np.isfinite(v)}
        values = np.array([[numbers[text.strip()]] for text in known])[codes]
        return _Labels(missing, values)
    if config.labels is None and categories.are_amounts(known):
        told = ", ".join(repr(text) for text in known[:3])
        problems.add(
            "written label", f"column {column.name}", f"it holds {told}"
        )
    return _Labels(missing, None, known, codes)


def _fractions(column: "pl.Series", comma: bool) -> Array | None:
    """Returns labels if all are finite numbers, fractions among them.

    It is what `_measured` would find, without looking at each text.
    """
    import polars as pl

    texts = column.str.strip_chars()
    if texts.str.contains("^[-+]?0[0-9]").any():
        return None
    if comma:
        texts = texts.str.replace(",", ".", literal=True)
    values = texts.cast(pl.Float64, strict=False)
    if values.null_count() or not values.is_finite().all():
        return None
    return values.to_numpy() if (values % 1 != 0).any() else None


def read_columns(table: TableFile, texts: Collection[str]) -> "pl.DataFrame":
    """Returns a table's rows: `texts` as text, the rest as float64 or null.

    Yes and no are spelled as Parquet has them: pandas writes `True`, polars
    `true`, spreadsheets `TRUE`.
    """
    import polars as pl

    frame = table.read(texts)
    logical = [
        name
        for name in texts
        if frame[name]
        .head(BLOCK)
        .str.to_lowercase()
        .is_in(["true", "false"])
        .fill_null(True)
        .all()
    ]
    return frame.with_columns(
        pl.when(pl.col(name).str.to_lowercase().is_in(["true", "false"]))
        .then(pl.col(name).str.to_lowercase())
        .otherwise(pl.col(name))
        .alias(name)
        for name in logical
    )


def _count_faults(
    frame: "pl.DataFrame", numeric: list[str], problems: Problems
) -> None:
    """Tells first how many cells of each column are no numbers."""
    for name in numeric:
        count = int((~frame[name].is_finite().fill_null(False)).sum())
        if count > MANY:
            text = f"{count:,} of {len(frame):,} cells hold no number"
            problems.add("bad cell", f"column {name}", text)


def _choose_label(
    table: TableFile, place: str, config: DataConfig
) -> tuple[str, str]:
    """Returns which column is the label, and why, in words.

    Raises:
        DataError: If there is no other column, or several could be meant.
    """
    if len(table.names) < 2:
        raise DataError(
            f"{place} has a single column, {table.names[0]!r}.",
            expected="a column of labels, and columns of numbers; commas, "
            "semicolons, tabs or | between them",
        )
    return columns.choose_label(
        table.names,
        config,
        place,
        texts=table.texts - table.unique,
        unnamed=table.unnamed,
    )


def _check_categories(table: TableFile, config: DataConfig, label: str) -> None:
    """Raises a `DataError` if the user calls what is no column categories."""
    for name in config.categories:
        if name not in table.names or name == label:
            raise DataError(
                f"There is no column {name!r} of categories.",
                expected="columns beside the label: "
                + columns.listed([n for n in table.names if n != label]),
                received=name,
                hint=did_you_mean(name, table.names),
            )


def _measured(
    known: Sequence[str],
    rows: int,
    comma: bool,
    missing: Collection[str],
    config: DataConfig,
) -> dict[str, float] | None:
    """Returns the numbers of labels that are measured; `None` of classes."""
    if config.labels == "classes":
        return None
    plain = {text.strip() for text in known}
    numbers = {text: cells.to_number(text, comma) for text in plain}
    present = [v for text, v in numbers.items() if text not in missing]
    if config.labels is None:
        found = [value for value in present if value is not None]
        coded = any(labels.is_code(text) for text in plain)
        # A few that are no numbers make no classes: their lines are told.
        if coded or not found or 2 * len(found) < len(present):
            return None
        parted = any(value % 1 for value in found)
        if len(found) < len(present) and len(found) < FEW:
            return None
        if not parted and not labels.are_many(len(found), rows):
            return None
    nothing = float("nan")
    return {k: nothing if v is None else v for k, v in numbers.items()}


def to_inputs(frame: "pl.DataFrame", features: Sequence[Column]) -> Array:
    """Returns columns as examples `(N, D)`, float32.

    A number that is null is NaN; a category that is not known is 0.
    """
    import polars as pl

    picked = frame.select(
        _codes(column, frame) if column.categories else pl.col(column.name)
        for column in features
    )
    x = np.empty(picked.shape, "float32")
    # What float32 cannot hold becomes infinite, and is told of.
    with np.errstate(over="ignore"):
        for start in range(0, len(x), BLOCK):
            x[start : start + BLOCK] = picked.slice(start, BLOCK).to_numpy()
    return x


def _codes(column: Column, frame: "pl.DataFrame") -> "pl.Expr":
    import polars as pl

    # Few texts are looked at, however many rows hold them.
    texts = frame[column.name].drop_nulls().unique().to_list()
    codes = categories.encode(texts, column.categories)
    return pl.col(column.name).replace_strict(
        texts, codes.tolist(), default=0.0, return_dtype=pl.Float32
    )


def _features(
    table: TableFile,
    frame: "pl.DataFrame",
    label: str,
    config: DataConfig,
    problems: Problems,
) -> list[Column]:
    """Returns the columns that are trained on; says which are not, and why.

    Raises:
        DataError: If none is left.
    """
    rest = [name for name in table.names if name != label]
    dropped = columns.left_out(rest, config, problems)
    left = [name for name in rest if name not in dropped]
    texts = {*table.texts, *config.categories}
    values = {n: frame[n].to_numpy() for n in left if n not in texts}
    dropped |= columns.counters(values, config, table.unnamed)
    known = {n: _categories(frame[n]) for n in left if n in texts}
    for name, found in known.items():
        amount = categories.are_numbers(found) or categories.are_amounts(found)
        if name not in config.categories and amount:
            told = ", ".join(repr(text) for text in found[:3])
            problems.add("written number", f"column {name}", f"it holds {told}")
        if categories.are_dates(found):
            problems.note(
                f"`{name}` holds days. Rows are divided at random: where "
                "neighbours in time are alike, the test part is easier than "
                "days to come."
            )
        fault = categories.fault(found, len(frame))
        if name in table.odd:
            fault = "it holds neither numbers nor text"
        if fault and (name not in config.keep or not found):
            dropped[name] = fault
    columns.tell_dropped(dropped, problems)
    features = [
        Column(name, known.get(name, ()), units=regression.units_of(name))
        for name in left
        if name not in dropped
    ]
    if not features and not problems.fatal:
        raise DataError(
            "No column is left to train on.",
            expected="columns of numbers, or of categories, beside the label "
            f"`{label}`",
            received="columns " + columns.listed(table.names),
        )
    columns.tell_identifiers([c.name for c in features], problems)
    numeric = [c.name for c in features if not c.categories]
    precision.check({name: values[name] for name in numeric}, problems)
    return features


def _categories(column: "pl.Series") -> tuple[str, ...]:
    return categories.distinct(column.drop_nulls().unique().to_list())


def _distinct(column: "pl.Series") -> tuple[list[str], Array]:
    """Returns the different labels, sorted, and which each row has."""
    import polars as pl

    filled = column.fill_null("")
    known = sorted(filled.unique().to_list())
    codes = filled.cast(pl.Enum(known)).to_physical().to_numpy()
    return known, codes
