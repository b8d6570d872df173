"""`--import FILE.py`: notes of one's own, wherever it stands."""

from collections.abc import Sequence
from typing import Any

import click

from kerasnotes.base.commands import repeat

OPTION = "--import"

import_option = click.option(
    OPTION,
    "imports",
    multiple=True,
    metavar="FILE.py",
    help="A note of your own: its file, or its package's folder. Repeatable, "
    "before or after the verb; also KERASNOTES_IMPORT.",
)


def import_first(args: Sequence[str]) -> list[str]:
    """Moves every `--import FILE` before the verb, where it is understood.

    Raises:
        click.BadOptionUsage: If no file follows.
    """
    first: list[str] = []
    rest: list[Any] = list(args)
    for place, word in enumerate(args):
        if word == "--":
            break
        if word == OPTION and place + 1 == len(args):
            raise click.BadOptionUsage(OPTION, f"{OPTION} needs a file.")
        if word == OPTION:
            first += [word, args[place + 1]]
            rest[place] = rest[place + 1] = None
        elif word.startswith(f"{OPTION}="):
            first.append(word)
            rest[place] = None
    return first + [word for word in rest if word is not None]


def import_all(paths: Sequence[str]) -> None:
    """Adds files to the notes of this process and its children."""
    repeat([word for path in paths for word in (OPTION, path)])
    if paths:
        from kerasnotes.notes import import_note

        for path in paths:
            import_note(path)
