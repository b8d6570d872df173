"""Commands that messages tell the user to copy."""

import shlex
from pathlib import Path


def command(*words: str | Path) -> str:
    """Returns `kn` with these words, those with blanks in quotes."""
    return shlex.join(["kn", *map(str, words)])
