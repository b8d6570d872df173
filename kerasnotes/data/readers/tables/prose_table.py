"""Tables with a column of texts, which are classified."""

from collections.abc import Sequence
from pathlib import Path

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.meaning import columns, labels
from kerasnotes.data.meaning.prose import is_named_so
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.tables.table_file import (
    TableFile,
    lacks_cells,
    read_columns,
)
from kerasnotes.data.readers.tables.table_labels import read_labels
from kerasnotes.data.text.making import Texts, make_dataset


def choose_text(
    table: TableFile,
    targets: Sequence[str],
    config: DataConfig,
    problems: Problems,
) -> str | None:
    """Returns the column of texts, if rows are classified by one.

    That is a guess, unless the user names it: a column of texts with nothing
    beside it but labels, identifiers and other texts.

    Args:
        table: As it was opened.
        targets: The labels.
        config: `text`, if the user says so.
        problems: Told of texts that are not used.

    Raises:
        DataError: If the user's is not there.
    """
    rest = [name for name in table.names if name not in targets]
    if config.text is not None:
        if config.text not in rest:
            raise DataError(
                f"There is no column {config.text!r} of texts.",
                expected="a column beside the label: " + columns.listed(rest),
                received=f"data.text={config.text}",
                hint=did_you_mean(config.text, rest),
            )
        return config.text
    rest = [name for name in rest if name not in config.leave_out]
    found = [name for name in rest if name in table.prose]
    if not found and len(rest) == 1:
        # Another text in every row is no category, however short.
        found = [name for name in rest if name in table.unique - table.odd]
    if not found or config.horizon is not None:
        return None
    best = max(found, key=lambda n: (is_named_so(n), table.prose.get(n, 0.0)))
    if all(_tells_nothing(name, table) for name in rest if name not in found):
        return best
    if is_named_so(best):
        problems.note(
            f"`{best}` holds texts, and other columns are trained on. To "
            f"classify its texts instead: --set data.text={best}."
        )
    return None


def _tells_nothing(name: str, table: TableFile) -> bool:
    """Returns whether a column tells rows apart, and is no feature."""
    apart = name in table.unnamed or name in table.unique | table.odd
    return apart or columns.is_identifier(name)


def read_prose(
    table: TableFile,
    place: str,
    text: str,
    targets: Sequence[str],
    why: str,
    config: DataConfig,
    problems: Problems,
) -> Dataset | None:
    """Reads a column of texts, and one of labels.

    Args:
        table: As it was opened.
        place: The file's path, or what else messages call it.
        text: The column of texts.
        targets: The column of labels.
        why: Why it is that, in words.
        config: What the user says of labels and texts.
        problems: Told of what cannot be used.

    Raises:
        DataError: If labels are measured.
    """
    frame = read_columns(table, {*table.texts, text, *targets})
    if not len(frame):
        problems.add("empty", Path(place).name, "no row below the header")
        return None
    columns.tell(targets, why, (), problems)
    _tell_text(text, table, targets, config, problems)
    found = read_labels(table.comma, frame.select(targets), config, problems)
    if found.values is not None:
        raise DataError(
            f"The labels of {place} are measured, and texts are classified.",
            expected="a column of classes",
            received=f"column {targets[0]}: numbers of a regression",
            hint="if each number is a class: --set data.labels=classes; "
            "another column: --target NAME",
        )
    if found.lacking or lacks_cells(table, frame):
        table.faults((), targets[0], found.missing, problems)
    if problems.fatal:
        return None
    y, names = labels.encode_texts(
        found.known, found.codes, Path(place).name, config, problems
    )
    texts = frame[text].fill_null("").to_list()
    rows = [f"#{row}" for row in range(len(texts))]
    return make_dataset(
        {"all": Texts(texts, y, rows)},
        config,
        problems,
        name=Path(place).stem,
        classes=labels.rename(names, config.classes),
        column=text,
    )


def _tell_text(
    text: str,
    table: TableFile,
    targets: Sequence[str],
    config: DataConfig,
    problems: Problems,
) -> None:
    guessed = "as you say" if config.text else "a guess (data.text)"
    problems.note(f"The text is the column `{text}`, {guessed}.")
    others = [n for n in table.names if n != text and n not in targets]
    if others:
        problems.note(f"Left out beside the text: {columns.listed(others)}.")


def column_of_texts(table: TableFile, place: str, column: str) -> list[str]:
    """Returns the texts of a table that a trained model is asked about.

    Args:
        table: As it was opened.
        place: The file's path, or what else messages call it.
        column: What they were called in training; empty if in no table.

    Raises:
        DataError: If it has no such column, and not a single one of texts.
    """
    known = [name for name in table.names if name == column]
    found = known or list(table.prose) or list(table.names)
    if len(found) != 1:
        raise DataError(
            f"Which column of {place} holds the texts?",
            expected=f"a column called `{column or 'text'}`, as in training",
            received=columns.listed(table.names),
            hint=did_you_mean(column, table.names) if column else None,
        )
    frame = read_columns(table, {*table.texts, *found})
    return [str(text) for text in frame[found[0]].fill_null("").to_list()]
