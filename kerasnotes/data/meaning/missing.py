"""What stands in tables for a value that is not there."""

import math
from collections.abc import Collection

WORDS = frozenset(
    ("", "?", "nan", "na", "n/a", "<na>", "#n/a", "null", "none", "nat")
)
"""Words for it, in small letters."""
_MARKS = frozenset(("-", "--", ".", "..", "n.a.", "missing"))
"""What else stands where a label is missing."""
_CODES = frozenset((-99.0, -999.0, -9999.0))
"""Numbers for it, where no other is below zero."""


def is_missing(text: str) -> bool:
    """Returns whether a text says that a value is not there."""
    return text.strip().casefold() in WORDS


def missing_labels(
    known: Collection[str], classes: Collection[str] | None
) -> set[str]:
    """Returns which labels say that there is none.

    Args:
        known: The different labels.
        classes: Names of classes, if the user gives them: `None` may be one
            beside `Mild` and `Severe`.
    """
    wanted = classes or ()
    found = {text for text in known if is_missing(text)} | _marked(known)
    return {text for text in found if text not in wanted}


def _marked(known: Collection[str]) -> set[str]:
    plain = {text.strip().casefold(): text for text in known}
    found = {text for name, text in plain.items() if name in _MARKS}
    if "+" in plain:
        # Yes and no, as chemists and the UCI write them.
        found -= {plain.get("-", "")}
    numbers = {text: _number(text) for text in known if text not in found}
    least = {text for text, number in numbers.items() if number in _CODES}
    others = [number for text, number in numbers.items() if text not in least]
    if others and all(number >= 0 for number in others):
        found |= least
    return found


def _number(text: str) -> float:
    """Returns a text's number; of words infinity, which is no code."""
    try:
        return float(text)
    except ValueError:
        return math.inf
