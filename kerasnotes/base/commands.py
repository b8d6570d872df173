"""Commands that messages tell the user to copy."""

import shlex
from collections.abc import Sequence
from pathlib import Path

_before: list[str] = []
"""What every command of this process needs: `--import my_net.py`."""


def repeat(words: Sequence[str]) -> None:
    """Makes every command begin with these words, before its verb."""
    _before[:] = words


def command(*words: str | Path) -> str:
    """Returns `kn` with these words, those with blanks in quotes."""
    return shlex.join(["kn", *_before, *map(str, words)])
