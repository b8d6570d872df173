"""What is told of texts, whatever is to be answered: tokens, repeats."""

from collections.abc import Mapping, Sequence

from kerasnotes.base.config import DataConfig, Tokens
from kerasnotes.base.types import Array
from kerasnotes.data.problems import Problems
from kerasnotes.data.text.tokenizer import Tokenizer

UNITS: dict[Tokens, str] = {
    "word": "words",
    "character": "characters",
    "bpe": "byte pairs",
}
"""What texts are divided into, in words."""


def tell_tokens(
    what: str,
    kind: Tokens,
    config: DataConfig,
    learned: Tokenizer,
    length: int,
    problems: Problems,
) -> None:
    """Notes what texts are divided into, and how much of each is read.

    Args:
        what: The texts: `Texts`, `Sources`.
        kind: Of the tokens.
        config: Says whether they are a guess.
        learned: From the training part.
        length: Tokens that are read of a text.
        problems: Told of it.
    """
    guessed = "" if config.tokenizer else ", a guess (data.tokenizer)"
    problems.note(
        f"{what} are divided into {UNITS[kind]}{guessed}: "
        f"{learned.size - 2:,} different ones of the training part, up to "
        f"{length:,} of a text."
    )


def tell_shown(
    what: str,
    texts: Sequence[str],
    where: Mapping[str, Array],
    problems: Problems,
) -> None:
    """Notes how many texts of the held-out parts training shows.

    Args:
        what: One of them: `text`, `source`.
        texts: Of all parts.
        where: Their rows by part.
        problems: Told of each part.
    """
    shown = {texts[row] for row in where["train"]}
    for part in ("validation", "test"):
        rows = where[part]
        again = sum(texts[row] in shown for row in rows)
        if again:
            problems.note(
                f"{again:,} of {len(rows):,} {what}s of the {part} part are in "
                "the training part, word for word: its metrics flatter. To "
                f"use each {what} once: --set data.repeats=drop."
            )
