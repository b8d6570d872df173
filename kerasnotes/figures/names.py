"""Users' names of files and classes as text that fits into a picture."""

import re
import unicodedata

_INVISIBLE = re.compile("[\ufe00-\ufe0f]")
"""Selectors of a glyph's style, which fonts draw as boxes."""


def plain(text: str, longest: int = 24) -> str:
    """Returns a name that matplotlib takes as it is, cut to a length.

    Line breaks become blanks, bytes of no encoding become `?`; two dollar
    signs would start a formula, and a wrong one is an error.

    Args:
        text: The name.
        longest: Columns at most, two for each Chinese, Japanese or Korean
            character.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = _INVISIBLE.sub("", text)
    kept = [" " if _category(c) == "Cc" else c for c in text]
    text = " ".join("".join(c for c in kept if _category(c) != "Cf").split())
    return shorten(text or "(no name)", longest).replace("$", r"\$")


def shorten(text: str, longest: int) -> str:
    """Takes out the middle of what is too long: `IMG_2024…0173.png`.

    Users' names differ at their ends, where the numbers are.

    Args:
        text: One line.
        longest: Columns at most, at least 3.
    """
    if _columns(text) <= longest:
        return text
    tail = _head(text[::-1], (longest - 1) // 2)[::-1].lstrip()
    # A mark without the letter that it stands on would hang in the air.
    while tail and unicodedata.combining(tail[0]):
        tail = tail[1:]
    head = _head(text, longest - 1 - _columns(tail)).rstrip()
    return f"{head}…{tail}"


def _head(text: str, columns: int) -> str:
    """Returns the longest beginning of at most so many columns."""
    used = 0
    for place, character in enumerate(text):
        used += _columns(character)
        if used > columns:
            return text[:place]
    return text


def _columns(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    marks = sum(unicodedata.combining(c) > 0 for c in text)
    return len(text) + wide - marks


def _category(character: str) -> str:
    return unicodedata.category(character)
