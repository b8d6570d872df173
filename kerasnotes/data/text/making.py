"""Texts and their classes to a data set; its tokens, learned in training."""

import dataclasses
import math
import re
from collections.abc import Sequence

import numpy as np

from kerasnotes.base.config import DataConfig, Tokens
from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array
from kerasnotes.data import fields, splitting
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.language import language_making
from kerasnotes.data.pairs import pair_making
from kerasnotes.data.problems import Problems
from kerasnotes.data.spec import Spec
from kerasnotes.data.splitting import PARTS
from kerasnotes.data.text.scripts import is_unparted
from kerasnotes.data.text.telling import tell_shown, tell_tokens
from kerasnotes.data.text.text_split import TextSplit, fingerprint
from kerasnotes.data.text.tokenizer import check_size, train

LONGEST = 256
"""Tokens of a text, unless `data.length` says otherwise."""
WHOLE = 0.99
"""Part of the training texts that are not cut, if they are not longer."""
SINGLE = 1.5
"""Words of a text, in the mean, below which its letters tell more."""
LOOKED_AT = 2_000
"""Texts by which it is guessed whether spaces part words."""
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*(\s[^<>]*)?/?>")


@dataclasses.dataclass(frozen=True)
class Texts:
    """Some texts of one source.

    Args:
        texts: As they stand there.
        y: Class numbers, `(N,)`.
        names: What to call each.
    """

    texts: Sequence[str]
    y: Array
    names: Sequence[str]

    def take(self, rows: Array) -> "Texts":
        """Returns some of them."""
        return Texts(
            [self.texts[row] for row in rows],
            self.y[rows],
            [self.names[row] for row in rows],
        )


def make_dataset(
    parts: dict[str, Texts],
    config: DataConfig,
    problems: Problems,
    *,
    name: str,
    classes: Sequence[str],
    column: str = "",
) -> Dataset | None:
    """Divides texts; their tokens are learned by `learn`.

    Args:
        parts: By part: `all`, or `train` and others.
        config: Split and settings of texts.
        problems: Told of what stops training, and of what is left out.
        name: What the set is called.
        classes: In the order of their numbers.
        column: What texts are called in their table.
    """
    parts = {part: _present(one, problems) for part, one in parts.items()}
    if config.repeats == "drop":
        parts = _without_repeats(parts, problems)
    if not any(len(one.texts) for one in parts.values()):
        problems.add("empty", name, "no text")
        return None
    given = {part: one.y for part, one in parts.items()}
    where = splitting.assign(given, config, problems, classes)
    whole = Texts(
        [text for one in parts.values() for text in one.texts],
        np.concatenate([one.y for one in parts.values()]),
        [each for one in parts.values() for each in one.names],
    )
    _tell_tags(whole.texts, problems)
    _tell_repeats(whole, where, problems)
    digest = fingerprint(whole.texts, whole.y)
    train_part, validation, test = (
        TextSplit(one.texts, one.y, one.names)
        for one in (whole.take(where[part]) for part in PARTS)
    )
    return Dataset(
        Spec(name, (fields.text(column),), (fields.one_class(classes),)),
        train_part,
        validation,
        test,
        fingerprint=splitting.stamp(digest, given, where),
    )


OWN = ("text", "tokenizer", "vocabulary", "length")
"""Settings of texts alone."""


def check_meant(config: DataConfig, spec: Spec) -> None:
    """Refuses settings of texts for data that are none.

    Raises:
        UsageError: Says which.
    """
    given = [name for name in OWN if getattr(config, name) is not None]
    first = spec.inputs[0]
    if first.kind == "series" and first.varied:
        # They too have a length.
        given = [name for name in given if name != "length"]
    if not given or first.kind in ("text", "tokens"):
        return
    raise UsageError(
        f"`{config.source}` is read as no texts.",
        expected="a folder of .txt files a class, or a table with a column of "
        "texts: --set data.text=COLUMN",
        received=f"data.{given[0]}={getattr(config, given[0])}",
        hint=f"leave data.{given[0]} out",
    )


def learn(data: Dataset, config: DataConfig, problems: Problems) -> Dataset:
    """Returns texts with the tokens that their training part is made of.

    Of data that are no texts, or have tokens, nothing changes. It comes
    before folds: their members are one model, with one set of tokens.

    Args:
        data: All that can be used.
        config: `tokenizer`, `vocabulary` and `length`, if the user says so.
        problems: Told what was guessed, and what is cut.

    Raises:
        UsageError: If so few tokens cannot be.
    """
    if data.spec.inputs[0].kind == "tokens":
        return language_making.learn(data, config, problems)
    if data.spec.targets[0].kind == "sequence":
        return pair_making.learn(data, config, problems)
    train_part = data.train
    if not isinstance(train_part, TextSplit) or data.spec.input.tokenizer:
        return data
    if not len(train_part):
        return data
    kind = config.tokenizer or _guess(train_part.texts)
    check_size(kind, config.vocabulary)
    learned = train(train_part.texts, kind, config.vocabulary)
    found = learned.numbers(train_part.texts)
    lengths = np.array([len(one) for one in found])
    length = config.length or _length(lengths)
    spec = data.spec.with_input(
        shape=(length,), tokenizer=learned.json, vocabulary=learned.size
    )
    if len(set(map(tuple, found))) == 1:
        told = " ".join(map(learned.token, found[0][:5]))
        problems.add("one text", "", f"to the network each is {told!r}")
    tell_tokens("Texts", kind, config, learned, length, problems)
    done = read_as(data, spec)
    _tell_cut(done, length, problems)
    return done


def read_as(data: Dataset, spec: Spec) -> Dataset:
    """Returns texts as the tokenizer of `spec`, a model's, reads them.

    Other data, and texts that it reads already, are returned as they are.
    """
    if data.spec.inputs[0].kind == spec.inputs[0].kind == "tokens":
        return language_making.read_as(data, spec)
    kinds = {data.spec.targets[0].kind, spec.targets[0].kind}
    if kinds == {"sequence"}:
        return pair_making.read_as(data, spec)
    if "text" != spec.input.kind or data.spec.input == spec.input:
        return data
    parts = [data.train, data.validation, data.test]
    splits = [part for part in parts if isinstance(part, TextSplit)]
    known = data.spec.with_input(
        shape=spec.input.shape,
        tokenizer=spec.input.tokenizer,
        vocabulary=spec.input.vocabulary,
    )
    first, second, third = (part.read_as(known) for part in splits)
    return dataclasses.replace(
        data, spec=known, train=first, validation=second, test=third
    )


def _present(part: Texts, problems: Problems) -> Texts:
    """Returns the texts that are some; tells of the others."""
    filled = [bool(text.strip()) for text in part.texts]
    if all(filled):
        return part
    gone = [n for n, full in zip(part.names, filled, strict=True) if not full]
    one = len(gone) == 1
    problems.note(
        f"{len(gone):,} example{'s' * (not one)} hold{'s' * one} no text: left "
        f"out ({', '.join(gone[:3])}{', ...' * (len(gone) > 3)})."
    )
    return part.take(np.flatnonzero(filled))


def _without_repeats(
    parts: dict[str, Texts], problems: Problems
) -> dict[str, Texts]:
    """Returns each text once, the first of them; all parts together."""
    seen: dict[str, int] = {}
    kept, dropped, other = {}, 0, 0
    for part, one in parts.items():
        rows = []
        for row, (text, y) in enumerate(zip(one.texts, one.y, strict=True)):
            if text not in seen:
                rows.append(row)
            other += seen.setdefault(text, int(y)) != y
        dropped += len(one.texts) - len(rows)
        kept[part] = one.take(np.array(rows, "int64"))
    told = f"; {other:,} of them with another class" if other else ""
    problems.note(f"Texts that come again, left out: {dropped:,}{told}.")
    return kept


def _tell_repeats(
    whole: Texts, where: dict[str, Array], problems: Problems
) -> None:
    """Tells of texts that training shows, and of those of two classes."""
    tell_shown("text", whole.texts, where, problems)
    told: dict[str, int] = {}
    both = 0
    for text, number in zip(whole.texts, whole.y.tolist(), strict=True):
        both += told.setdefault(text, number) != number
    if both:
        problems.note(
            f"Texts that come again with another class: {both:,}. No model "
            "can be right about both."
        )


def _tell_tags(texts: Sequence[str], problems: Problems) -> None:
    some = texts[:LOOKED_AT]
    marked = sum(bool(_TAG.search(text)) for text in some)
    if marked:
        problems.note(
            f"{marked:,} of {len(some):,} texts looked at hold HTML tags: they "
            "are read as text, as they are when the model is asked."
        )


def _tell_cut(data: Dataset, length: int, problems: Problems) -> None:
    parts = [data.train, data.validation, data.test]
    splits = [part for part in parts if isinstance(part, TextSplit)]
    cut, total = sum(s.cut for s in splits), sum(map(len, splits))
    if cut:
        problems.note(
            f"{cut:,} of {total:,} texts are longer: what comes after "
            f"{length:,} tokens is cut (data.length)."
        )


def _length(lengths: Array) -> int:
    """Returns how many tokens nearly all texts have."""
    most = math.ceil(float(np.quantile(lengths, WHOLE)))
    longest = int(lengths.max())
    # A few tokens more cost nothing where all are short.
    return min(longest, max(most, 16), LONGEST)


def _guess(texts: Sequence[str]) -> Tokens:
    """Returns `character` where texts have no words, or hardly two of them."""
    some = texts[:LOOKED_AT]
    words = sum(len(text.split()) for text in some)
    short = words < SINGLE * len(some)
    return "character" if short or is_unparted("".join(some)) else "word"
