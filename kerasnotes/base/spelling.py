"""One spelling of texts that look alike: accents joined to their letters."""

import unicodedata
from typing import Any


def composed(text: str) -> str:
    """Returns a text in Unicode's form NFC.

    macOS and some programs write `é` as `e` and an accent of its own, in
    names of files and columns; to a reader that is the same name.
    """
    return unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """Returns what texts have in common that differ in capitals only."""
    return composed(composed(text).casefold())


def compose_all(value: Any) -> Any:
    """Returns a text, or a list or tuple of them, composed; else `value`."""
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, list | tuple):
        return type(value)(compose_all(each) for each in value)
    return value
