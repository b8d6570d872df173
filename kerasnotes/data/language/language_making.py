"""A text file to a data set: its parts one after the other, the test last."""

import dataclasses
from pathlib import Path

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data import fields
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.language import language_tokens
from kerasnotes.data.language.language_split import LanguageSplit
from kerasnotes.data.language.text_file import TextFile
from kerasnotes.data.problems import Problems
from kerasnotes.data.series.making import divide
from kerasnotes.data.spec import Spec
from kerasnotes.data.splitting import PARTS
from kerasnotes.data.text import encoding
from kerasnotes.data.text.telling import UNITS
from kerasnotes.data.text.tokenizer import UNKNOWN, open_json

LOOKED, TABLE = 10_000, 5
"""Characters, and lines at least, by which a table is told from a text."""
WINDOW = 64
"""Tokens of an example, unless `data.window` says otherwise."""
MEANINGLESS = (
    "classes",
    "target",
    "labels",
    "units",
    "text",
    "length",
    "horizon",
    "time",
    "season",
    "rows",
    "known",
)
"""Settings that say nothing of a text without labels."""


def make_language(
    path: Path, config: DataConfig, problems: Problems
) -> Dataset | None:
    """Divides a text file; its tokens are learned by `learn`.

    Args:
        path: The file.
        config: Its encoding, and which part of it is which.
        problems: Told of what stops training.

    Raises:
        UsageError: If something is said of classes, rows or columns.
        DataError: If it is no text.
    """
    _check_meant(config)
    if config.encoding:
        encoding.check(path, config.encoding)
    known = config.encoding or encoding.detect(path)
    file = TextFile(path, known)
    if not file.characters:
        problems.add("empty", path.name, "no text")
        return None
    cells = _cells("".join(file.between(0, LOOKED)))
    if cells:
        problems.note(
            f"Every line has {cells} cells, parted by tabs: if it is a table, "
            f"call it {path.stem}.tsv."
        )
    spans = divide(file.characters, config)
    train, validation, test = (LanguageSplit(file, spans[p]) for p in PARTS)
    return Dataset(
        Spec(path.stem, *_fields((None,))),
        train,
        validation,
        test,
        fingerprint=file.fingerprint,
    )


def _cells(text: str) -> int:
    """Returns how many cells each of the first lines has; 0 if they differ."""
    lines = [line for line in text.splitlines()[:-1] if line.strip()]
    counts = {line.count("\t") for line in lines}
    tabs = counts.pop() if len(counts) == 1 and len(lines) >= TABLE else 0
    return tabs + 1 if tabs else 0


def _fields(
    shape: tuple[int | None, ...], **known: object
) -> tuple[tuple[fields.Field], tuple[fields.Field]]:
    return (
        (fields.tokens(shape, **known),),
        (fields.next_token(shape),),
    )


def learn(data: Dataset, config: DataConfig, problems: Problems) -> Dataset:
    """Returns a text with the tokens that its training part is made of.

    Args:
        data: As of `make_language`.
        config: `tokenizer`, `vocabulary` and `window`, if the user says so.
        problems: Told of parts that are too short, and of what is unknown.
    """
    train = data.train
    if not isinstance(train, LanguageSplit) or data.spec.input.tokenizer:
        return data
    kind = config.tokenizer or "character"
    text = train.file.between(*train.span)
    learned = language_tokens.learn(text, kind, config.vocabulary)
    window = (config.window or WINDOW,)
    given = {"tokenizer": learned.json, "vocabulary": learned.size}
    done = read_as(data, Spec(data.spec.name, *_fields(window, **given)))
    problems.note(
        f"A text as a language, its parts one after the other: {UNITS[kind]} "
        f"(data.tokenizer), {learned.size - 2:,} different ones of the "
        f"training part; an example is {window[0]:,} of them (--window)."
    )
    _check(done, config, problems)
    return done


def read_as(data: Dataset, spec: Spec) -> Dataset:
    """Returns a text with the tokens and the window of `spec`, a model's."""
    if data.spec.input == spec.input:
        return data
    parts = [data.train, data.validation, data.test]
    splits = [part for part in parts if isinstance(part, LanguageSplit)]
    if len(splits) != len(parts):
        return data
    first, second, third = (part.read_as(spec) for part in splits)
    known = dataclasses.replace(spec, name=data.spec.name)
    return dataclasses.replace(
        data, spec=known, train=first, validation=second, test=third
    )


def _check(done: Dataset, config: DataConfig, problems: Problems) -> None:
    learned = open_json(done.spec.input.tokenizer)
    for part in PARTS:
        split = done.split(part)
        if not isinstance(split, LanguageSplit):
            continue
        wanted = part == "train" or getattr(config, part) > 0
        if wanted and not len(split):
            problems.add(
                "too short",
                f"the {part} part",
                f"{len(split.ids):,} tokens; an example takes "
                f"{split.window + 1:,} (--window)",
            )
            continue
        counts = split.counts(learned.size)
        if part == "train" and np.count_nonzero(counts) == 1:
            token = learned.token(int(split.ids[0]))
            problems.add("single token", "", f"the text is {token!r} alone")
        unknown = int(counts[UNKNOWN])
        if unknown:
            problems.note(
                f"{unknown:,} of {len(split.ids):,} tokens of the {part} part "
                "are none that training shows: they count, as one more token."
            )


def _check_meant(config: DataConfig) -> None:
    for name in MEANINGLESS:
        value = getattr(config, name)
        if value:
            raise UsageError(
                f"`{config.source}` is one text, a language without labels.",
                expected="data.tokenizer, data.vocabulary, data.window, "
                "data.encoding",
                received=f"data.{name}={value}",
                hint=f"leave data.{name} out; texts with a class each are a "
                "folder of .txt files a class, or a table",
            )
