"""What stands in tables for a value that is not there."""

import math
from collections.abc import Collection

from kerasnotes.base.config import DataConfig

WORDS = frozenset(
    ("", "?", "nan", "na", "n/a", "<na>", "#n/a", "null", "none", "nat")
)
"""Words for it, in small letters."""
_MARKS = frozenset(("-", "--", ".", "..", "n.a.", "missing"))
"""What else stands where a label is missing."""
CODES = frozenset((-99.0, -999.0, -9999.0))
"""Numbers for it, where no other is below zero."""


def is_missing(text: str) -> bool:
    """Returns whether a text says that a value is not there."""
    return text.strip().casefold() in WORDS


def may_be_missing(text: str) -> bool:
    """Returns whether a label's text is a word, mark or code for none."""
    plain = text.strip().casefold()
    return plain in WORDS or plain in _MARKS or _number(plain) in CODES


def missing_labels(known: Collection[str], config: DataConfig) -> set[str]:
    """Returns which labels say that there is none.

    Args:
        known: The different labels.
        config: What the user says of labels. `None` may be a class beside
            `Mild` and `Severe`, if all classes are named; a mark is one, if
            all labels are classes.
    """
    wanted = config.classes or ()
    found = {text for text in known if is_missing(text)}
    if config.labels != "classes":
        found |= _marks(known)
    found |= _codes({text for text in known if text not in found})
    return {text for text in found if text not in wanted}


def _marks(known: Collection[str]) -> set[str]:
    plain = {text.strip().casefold(): text for text in known}
    found = {text for name, text in plain.items() if name in _MARKS}
    # Yes and no, as chemists and the UCI write them.
    return found - {plain.get("-", "")} if "+" in plain else found


def _codes(known: Collection[str]) -> set[str]:
    numbers = {text: _number(text) for text in known}
    least = {text for text, number in numbers.items() if number in CODES}
    others = [number for text, number in numbers.items() if text not in least]
    good = bool(others) and all(number >= 0 for number in others)
    return least if good else set()


def _number(text: str) -> float:
    """Returns a text's number; of words infinity, which is no code."""
    try:
        return float(text)
    except ValueError:
        return math.inf
