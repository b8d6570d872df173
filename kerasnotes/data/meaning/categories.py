"""Columns of text: each different text is a category, and has a number.

Number 0 is any text that training did not show, and a cell without one.
"""

import dataclasses
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kerasnotes.base.spelling import composed
from kerasnotes.data.dataset import Array, ArraySplit, Dataset
from kerasnotes.data.fields import Column, Field
from kerasnotes.data.meaning.missing import is_missing
from kerasnotes.data.problems import Problems

MOST = 10_000
"""Categories of one column."""
_WRITTEN = re.compile(r"[-+$€£¥]?\s*\d[\d.,'\s]*\s*[%€$£]?")
_AMOUNT = re.compile(
    r"([$€£¥])?\s*[-+]?\d[\d.,'\s]*?\s*([%€$£¥]|[a-zA-Zµ°Ωäöü/²³]{1,4})?"
)
_PLAIN = re.compile(r"[-+]?\d*\.?\d*")
AMOUNTS = 5
"""As many different ones are measured, and no names."""
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}"
)
SHOWN = 5
"""Texts named in a sentence."""
POINT_ZERO = r"^([-+]?[0-9]+)\.0+$"
"""A whole number as some programs write it; a pattern of RE2 and of Rust."""
SPACE = r"^[\s\p{Z}]+|[\s\p{Z}]+$"
"""What `str.strip` takes away, for RE2."""


def to_text(value: Any) -> str:
    """Returns a cell as a category: without space around it; `3.0` is `3`."""
    text = value.decode() if isinstance(value, bytes) else str(value)
    return re.sub(POINT_ZERO, r"\1", composed(text.strip()))


def encode(values: Iterable[Any], categories: Sequence[str]) -> Array:
    """Returns the numbers of cells, float32: 0 is unknown.

    Args:
        values: Texts, or numbers that stand for themselves.
        categories: The known texts; text `i` is number `i + 1`.
    """
    known = spellings(categories)
    return np.array([known.get(to_text(v), 0) for v in values], "float32")


def spellings(categories: Sequence[str]) -> dict[str, int]:
    """Returns the number of each category, by every way to write it.

    Letters with marks are one character or two (macOS); a column of nothing
    but `true` and `false` has them as `True` and `TRUE` elsewhere.
    """
    logical = {*categories} <= {"true", "false"}
    found: dict[str, int] = {}
    for number, text in enumerate(categories, start=1):
        ways = {text, unicodedata.normalize("NFD", text)}
        if logical:
            ways |= {text.title(), text.upper()}
        found |= dict.fromkeys(sorted(ways), number)
    return found


def distinct(texts: Iterable[str]) -> tuple[str, ...]:
    """Returns the different categories, sorted; what is missing is none."""
    plain = {to_text(text) for text in texts}
    return tuple(sorted(text for text in plain if not is_missing(text)))


def fault(found: Sequence[str], rows: int) -> str:
    """Returns why texts are no categories to learn from, or nothing.

    Args:
        found: The different ones.
        rows: How many rows there are.
    """
    if not found:
        return "it is empty"
    if len(found) == 1:
        return f"it holds nothing but {found[0]!r}"
    if len(found) == rows:
        return "it is another text in every row"
    if len(found) > max(1, rows // 2):
        return f"it holds {len(found):,} different texts in {rows:,} rows"
    if len(found) > MOST:
        return f"it holds {len(found):,} different texts, more than {MOST:,}"
    return ""


MINUS = "\N{MINUS SIGN}"
"""As word processors write it, where programs want a hyphen."""


def are_numbers(found: Sequence[str]) -> bool:
    """Returns whether most texts are numbers as people write them: `1.200,5`.

    Such a column is an amount, and no category.
    """
    written = sum(
        bool(_WRITTEN.fullmatch(text.replace(MINUS, "-")))
        and text.count(".") < 2 + ("," in text)
        for text in found
    )
    return 2 * written > len(found) and not are_dates(found)


def are_amounts(found: Sequence[str]) -> bool:
    """Returns whether texts are numbers with one unit or sign: `30 USD`.

    Or numbers as people write them, of which there are too many for names.
    """
    units = [_AMOUNT.fullmatch(text.strip()) for text in found]
    if len(found) < AMOUNTS or not all(units) or are_dates(found):
        return False
    kinds = {one.groups() for one in units if one}
    named = any(any(kind) for kind in kinds)
    plain = all(_PLAIN.fullmatch(text.strip()) for text in found)
    return len(kinds) == 1 and (named or (not plain and are_numbers(found)))


def are_dates(found: Sequence[str]) -> bool:
    """Returns whether most texts begin with a day."""
    return 2 * sum(bool(_DATE.match(text)) for text in found) > len(found)


def tell(column: Column, missing: int, problems: Problems) -> None:
    """Notes what a column was taken for, and what may be meant otherwise."""
    some = ", ".join(column.categories[:SHOWN])
    more = ", ..." if len(column.categories) > SHOWN else ""
    problems.note(
        f"`{column.name}` holds {len(column.categories):,} categories: "
        f"{some}{more}."
    )
    if missing:
        problems.note(
            f"`{column.name}` is missing in {missing:,} rows: they count as "
            "an unknown category."
        )
    folded: dict[str, str] = {}
    for text in column.categories:
        other = folded.setdefault(text.casefold(), text)
        if other != text:
            problems.note(
                f"`{other}` and `{text}` of `{column.name}` are two categories."
            )


def keep_shown(data: Dataset) -> Dataset:
    """Returns data to train on: only categories of its training part are known.

    Those that it does not show become 0, as they will be when the model is
    asked. Data that are only measured keep all, for the model's own numbers.
    """
    field, parts = data.spec.input, [data.train, data.validation, data.test]
    if not field.categorical or not len(data.train):
        return data
    splits = [part for part in parts if isinstance(part, ArraySplit)]
    columns = list(field.columns)
    for place in field.categorical:
        texts = columns[place].categories
        shown = np.unique(splits[0].x[:, place].astype("int64"))
        shown = shown[shown > 0]
        if len(shown) in (0, len(texts)):
            continue
        numbers = np.zeros(len(texts) + 1, "float32")
        numbers[shown] = np.arange(1, len(shown) + 1)
        for split in splits:
            split.x[:, place] = numbers[split.x[:, place].astype("int64")]
        columns[place] = dataclasses.replace(
            columns[place],
            categories=tuple(texts[code - 1] for code in shown.tolist()),
        )
    return dataclasses.replace(
        data, spec=data.spec.with_input(columns=tuple(columns))
    )


def translate(data: Field, model: Field) -> dict[int, Array]:
    """Returns, by place, a model's number for each of a data set's.

    Args:
        data: The data set's table.
        model: The table that the model was trained on, of equal columns.

    Returns:
        Arrays `(V + 1,)`, of columns that are numbered otherwise.
    """
    found = {}
    for place in model.categorical:
        texts = data.columns[place].categories
        known = model.columns[place].categories
        if texts != known:
            found[place] = np.concatenate([[0], encode(texts, known)])
    return found
