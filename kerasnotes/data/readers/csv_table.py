"""`.csv` files: a header, numeric columns and one column of labels."""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, did_you_mean
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.memory import make_dataset
from kerasnotes.data.problems import Problems

LABELS = ("label", "class", "target", "species", "y")
"""Column names taken for the labels'; without one, the last column is."""
BLOCK = 20_000
"""Rows converted at a time."""
LARGEST = float(np.finfo("float32").max)
MOST = 50
"""Bad cells told of; a wrong file would fill the screen."""

Row = list[str]


def read(path: Path, config: DataConfig, problems: Problems) -> Dataset | None:
    """Reads a table of numbers with a class per row.

    Raises:
        DataError: If there is no header, no row, or the labels are numbers
            of a regression.
    """
    try:
        with open(path, newline="", encoding="utf-8-sig") as file:
            delimiter = _delimiter(file.readline(), path)
            file.seek(0)
            rows = csv.reader(file, delimiter=delimiter)
            header = _header(next(rows, []), path)
            column = _label_column(header, config.target, path)
            blocks = list(_blocks(rows, header, column, problems))
    except UnicodeDecodeError as error:
        _refuse(path, f"not UTF-8 text: {error}")
    except csv.Error as error:
        _refuse(path, str(error))
    if not blocks or problems.fatal:
        if not blocks:
            problems.add("empty", path.name, "no row below the header")
        return None
    x = np.concatenate([x for x, _ in blocks])
    labels = _as_labels([text for _, block in blocks for text in block])
    features = tuple(header[:column] + header[column + 1 :])
    return make_dataset(
        {"all": (x, labels)},
        config,
        problems,
        name=path.stem,
        features=features,
    )


def _delimiter(first: str, path: Path) -> str:
    """Returns the delimiter: the commonest of comma, semicolon and tab."""
    if not first.strip():
        _refuse(path, "its first line is empty")
    return max(",;\t", key=first.count)


def _header(cells: Row, path: Path) -> Row:
    header = [cell.strip() for cell in cells]
    if len(header) < 2:
        _refuse(path, f"a single column, {header}")
    if all(_is_number(cell) for cell in header):
        _refuse(path, f"the first line is no header: {','.join(header[:5])}")
    twins = {name for name in header if header.count(name) > 1}
    if twins:
        _refuse(path, f"two columns are called {sorted(twins)[0]!r}")
    return header


def _label_column(header: Row, target: str | None, path: Path) -> int:
    if target is not None:
        if target not in header:
            raise DataError(
                f"{path} has no column {target!r}.",
                received=", ".join(header[:20]),
                hint=did_you_mean(target, header),
            )
        return header.index(target)
    lower = [name.lower() for name in header]
    return next(
        (lower.index(name) for name in LABELS if name in lower),
        len(header) - 1,
    )


def _blocks(
    rows: Iterator[Row], header: Row, column: int, problems: Problems
) -> Iterator[tuple[Array, list[str]]]:
    """Yields inputs `(B, D)`, float32, and labels, block by block."""
    line = 2
    while block := list(itertools.islice(rows, BLOCK)):
        yield _convert(block, line, header, column, problems)
        line += sum(_lines(row) for row in block)


def _convert(
    block: list[Row], line: int, header: Row, column: int, problems: Problems
) -> tuple[Array, list[str]]:
    width = len(header)
    if set(map(len, block)) == {width}:
        labels = [row[column].strip() for row in block]
        cells = itertools.chain.from_iterable(
            itertools.chain(row[:column], row[column + 1 :]) for row in block
        )
        try:
            with np.errstate(over="ignore"):
                x = np.fromiter(map(float, cells), "float32")
        except ValueError:
            pass
        else:
            if np.isfinite(x).all() and all(labels):
                return x.reshape(len(block), width - 1), labels
    return _explain(block, line, header, column, problems)


def _explain(
    block: list[Row], line: int, header: Row, column: int, problems: Problems
) -> tuple[Array, list[str]]:
    """Goes through a block cell by cell; returns its rows that are good."""
    good: list[list[float]] = []
    labels: list[str] = []
    for row in block:
        here, line = line, line + _lines(row)
        if not row:
            continue
        wrong = _wrong_cells(row, header, column)
        if not wrong:
            cells = row[:column] + row[column + 1 :]
            good.append([float(cell) for cell in cells])
            labels.append(row[column].strip())
        for text in wrong:
            if sum(p.kind == "bad cell" for p in problems.fatal) < MOST:
                problems.add("bad cell", f"line {here}", text)
    x = np.array(good, "float32").reshape(len(good), len(header) - 1)
    return x, labels


def _wrong_cells(row: Row, header: Row, column: int) -> list[str]:
    if len(row) != len(header):
        return [f"{len(row)} cells under {len(header)} columns"]
    wrong = []
    for number, (name, cell) in enumerate(zip(header, row, strict=True)):
        if not cell.strip():
            wrong.append(f"column {name}: missing value")
        elif number != column and not _is_number(cell):
            wrong.append(f"column {name}: {cell[:40]!r} is not a number")
        elif number != column and not abs(float(cell)) <= LARGEST:
            wrong.append(f"column {name}: {cell.strip()} is not finite")
    return wrong


def _lines(row: Row) -> int:
    return 1 + sum(cell.count("\n") for cell in row)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _as_labels(texts: list[str]) -> Array:
    """Returns labels as numbers where every one of them is a number."""
    try:
        numbers = np.fromiter(map(float, texts), "float64", len(texts))
    except ValueError:
        return np.array(texts, "U")
    return numbers


def _refuse(path: Path, reason: str) -> NoReturn:
    raise DataError(
        f"{path} is not a table with a header: {reason.rstrip('.')}.",
        expected="UTF-8 text, column names in the first line, comma between",
        received=str(path),
    )
