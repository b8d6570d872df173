"""Whether a column of text holds texts that people wrote, or categories."""

import re
from collections.abc import Mapping, Sequence

from kerasnotes.data.text.scripts import is_unparted

WORDS = 3.0
"""Of a text, in the mean."""
CHARACTERS = 6.0
"""Of a text in a script without spaces, in the mean."""
APART = 0.5
"""Part of the texts that are different."""
NAMES = (
    "text",
    "message",
    "sentence",
    "review",
    "comment",
    "tweet",
    "body",
    "content",
    "document",
    "sms",
    "question",
    "title",
    "headline",
    "description",
    "正文",
    "文本",
    "内容",
    "评论",
)
"""What such a column is often called."""
_LETTERS = re.compile(r"[^\W\d_]")


def is_prose(cells: Sequence[str]) -> bool:
    """Returns whether cells are texts to read: of several words, most apart.

    Args:
        cells: Those of the first rows that hold something.
    """
    if not cells or len(set(cells)) < APART * len(cells):
        return False
    written = [cell for cell in cells if _LETTERS.search(cell)]
    if 2 * len(written) < len(cells):
        return False
    unparted = [is_unparted(cell) for cell in written]
    if 2 * sum(unparted) > len(written):
        return sum(map(len, written)) >= CHARACTERS * len(written)
    return sum(len(cell.split()) for cell in written) >= WORDS * len(written)


def lengths(columns: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Returns which columns hold texts to read, and their mean length.

    Args:
        columns: Cells of the first rows that hold something, by name.
    """
    return {
        name: sum(map(len, cells)) / len(cells)
        for name, cells in columns.items()
        if is_prose(cells)
    }


def is_named_so(name: str) -> bool:
    """Returns whether a column's name says that it holds texts."""
    return any(word in name.lower() for word in NAMES)
