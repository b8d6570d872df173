"""Tables in files: `.csv`, `.parquet`, `.jsonl` ..., a label per row."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data import fields
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.meaning import (
    categories,
    columns,
    labels,
    regression,
)
from kerasnotes.data.meaning.finite import infinite
from kerasnotes.data.memory import make_dataset
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.pair_table import choose_pair, read_pairs
from kerasnotes.data.readers.tables.prose_table import (
    choose_text,
    read_prose,
)
from kerasnotes.data.readers.tables.sequence_table import (
    choose_sequence,
    read_sequences,
)
from kerasnotes.data.readers.tables.series_table import read_series
from kerasnotes.data.readers.tables.table_features import choose_features
from kerasnotes.data.readers.tables.table_file import (
    TableFile,
    distinct_texts,
    lacks_cells,
    open_table,
    read_columns,
    to_array,
    to_numbers,
)
from kerasnotes.data.readers.tables.table_labels import Labels, read_labels

if TYPE_CHECKING:
    import polars as pl

MANY = 3
"""Faults of one column that are also counted."""


def read(path: Path, config: DataConfig, problems: Problems) -> Dataset | None:
    """Reads a file of numbers and categories, with a label per row.

    Raises:
        DataError: If it is no table, or its label is not clear.
    """
    table = open_table(path, named=config.encoding)
    return read_table(table, str(path), config, problems)


def read_table(
    table: TableFile, place: str, config: DataConfig, problems: Problems
) -> Dataset | None:
    """Reads a table of numbers and categories, with a label per row.

    With `config.horizon` its rows are a series in time; of sequences, some
    rows each, there is a label for each.

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
    if config.horizon is not None:
        _tell_codes(table, config, (), problems)
        return read_series(table, place, config, problems)
    sequence = choose_sequence(table, place, config, problems)
    if sequence is not None:
        _tell_codes(table, config, (), problems)
        return read_sequences(table, place, sequence, config, problems)
    pair = choose_pair(table, place, config)
    if pair is not None:
        return read_pairs(table, place, pair, config, problems)
    targets, why = choose_labels(table, place, config)
    text = choose_text(table, targets, config, problems)
    if text is not None:
        return read_prose(table, place, text, targets, why, config, problems)
    _check_categories(table, config, targets)
    _tell_codes(table, config, targets, problems)
    texts = {*table.texts, *config.categories}
    # Of several, each is measured: numbers as every other column.
    texts = texts - {*targets} if len(targets) > 1 else texts | {*targets}
    frame = read_columns(table, texts)
    if not len(frame):
        problems.add("empty", Path(place).name, "no row below the header")
        return None
    used = [n for n in table.names if n not in (*targets, *config.leave_out)]
    written = distinct_texts(frame, [name for name in used if name in texts])
    features = choose_features(table, frame, targets, written, config, problems)
    columns.tell(targets, why, [column.name for column in features], problems)
    found = read_labels(table.comma, frame.select(targets), config, problems)
    short = lacks_cells(table, frame)
    frame = to_numbers(frame, features, written)
    x = to_array(frame)
    for column in features:
        refused = problems.told_of(f"column {column.name}")
        if column.categories and not refused:
            unknown = int((frame[column.name] == 0).sum())
            categories.tell(column, unknown, problems)
    if found.lacking or short or infinite(x).any():
        numeric = [c.name for c in features if not c.categories]
        _count_faults(frame, numeric, problems)
        _tell_faults(table, numeric, targets, found, problems)
    if problems.fatal:
        return None
    del frame
    if found.values is not None:
        y, target = regression.finish(found.values, targets, config, problems)
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
        strange=True,
    )


def _tell_codes(
    table: TableFile,
    config: DataConfig,
    targets: Sequence[str],
    problems: Problems,
) -> None:
    """Says which columns of numbers that begin with 0 are read as amounts."""
    spared = {*targets, *config.categories, *config.leave_out}
    for name in table.codes:
        if name not in spared:
            problems.note(
                f"`{name}` holds numbers that begin with 0, as codes do; it is "
                f"read as an amount. As categories: --set "
                f"'data.categories=[{name}]'."
            )


def _tell_faults(
    table: TableFile,
    numeric: list[str],
    targets: Sequence[str],
    found: Labels,
    problems: Problems,
) -> None:
    """Names every cell of these columns that cannot be used."""
    if len(targets) > 1:
        table.faults([*numeric, *targets], None, (), problems)
    else:
        table.faults(numeric, targets[0], found.missing, problems)


def _count_faults(
    frame: "pl.DataFrame", numeric: list[str], problems: Problems
) -> None:
    """Tells first how many cells of each column are no numbers."""
    for name in numeric:
        count = int((~frame[name].is_finite().fill_null(False)).sum())
        if count > MANY:
            text = f"{count:,} of {len(frame):,} cells hold no number"
            problems.add("bad cell", f"column {name}", text)


def choose_labels(
    table: TableFile, place: str, config: DataConfig
) -> tuple[tuple[str, ...], str]:
    """Returns which columns are labels, and why, in words.

    Raises:
        DataError: If there is no other column, or several could be meant.
    """
    if len(table.names) < 2:
        raise DataError(
            f"{place} has a single column, {table.names[0]!r}.",
            expected="a column of labels, and columns of numbers; commas, "
            "semicolons, tabs, | or blanks between them",
        )
    # Nobody writes a label of several words in every row.
    plain = [name for name in table.names if name not in table.prose]
    targets, why = columns.choose_labels(
        plain if plain and config.target is None else table.names,
        config,
        place,
        texts=table.texts - table.unique,
        unnamed=table.unnamed,
        numbered=table.numbered,
    )
    named = config.labels == "classes" or config.classes is not None
    texts = targets if named else [n for n in targets if n in table.texts]
    if len(targets) > 1 and texts:
        raise DataError(
            "Several columns of labels are measured values, not classes.",
            expected="one column of classes, or several of plain numbers",
            received=("classes" if named else "text")
            + f" in {columns.listed(texts)}",
            hint=f"--target {shlex.quote(texts[0])} alone shows what it holds",
        )
    return targets, why


def _check_categories(
    table: TableFile, config: DataConfig, targets: Sequence[str]
) -> None:
    """Raises a `DataError` if the user calls what is no column categories."""
    for name in config.categories:
        if name not in table.names or name in targets:
            raise DataError(
                f"There is no column {name!r} of categories.",
                expected="columns beside the label: "
                + columns.listed([n for n in table.names if n not in targets]),
                received=name,
                hint=did_you_mean(name, table.names),
            )
