"""Mistakes on the command line, explained with what was probably meant."""

import shlex
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

import click

from kerasnotes.base.commands import command
from kerasnotes.base.errors import KerasNotesError, did_you_mean
from kerasnotes.base.spellings import other_options

from . import hints, suggestions
from .imports import import_all


def no_such_verb(
    words: Sequence[str], verbs: Collection[str], imports: Sequence[str]
) -> click.UsageError:
    """Returns the error for words that begin with no verb.

    Args:
        words: What was given, without what comes before a verb.
        verbs: Ours.
        imports: Files that `--import` named before the verb.

    Raises:
        UsageError: If one of these cannot be imported.
    """
    from kerasnotes.notes import known_notes

    import_all(imports)
    word, rest = words[0], words[1:]
    said = f"There is no verb `{word}`; "
    path = Path(word)
    if word in known_notes():
        meant = [("fit", *words)]
    elif path.suffix == ".keras" or (path / "run.json").is_file():
        meant = [("eval", *words)]
    else:
        meant = [(verb, *rest) for verb in suggestions.other_verbs(word)]
    if not meant:
        return click.UsageError(said + did_you_mean(word, verbs))
    named = " or ".join(f"`{verb[0]}`" for verb in meant)
    copied = "   or   ".join(command(*verb) for verb in meant)
    return click.UsageError(f"{said}did you mean {named}?\nNext: {copied}")


def explain_option(error: click.NoSuchOption) -> click.UsageError:
    """Returns an unknown option's error, with what it is called here."""
    verb = error.ctx.command if error.ctx else None
    wrong = error.option_name
    if verb is None:
        return error
    known = {name for p in _options(verb) for name in p.opts}
    meant = other_options(wrong, known)
    if meant:
        names = " or ".join(f"'{name}'" for name in meant)
        said = f"No such option '{wrong}'. Did you mean {names}?"
        return click.UsageError(said, error.ctx)
    told = suggestions.in_its_place(wrong) or _as_setting(wrong, known)
    if told is None:
        return error
    return click.UsageError(f"{error.message}\nNext: {told}", error.ctx)


def _as_setting(wrong: str, known: Collection[str]) -> str | None:
    """Returns `--set width=32` for `--width 32`, if the note has that."""
    from kerasnotes.notes import known_notes

    words, notes = sys.argv[1:], known_notes()
    note = next((notes[word] for word in words if word in notes), None)
    if note is None or "--set" not in known:
        return None
    setting = suggestions.find_setting(wrong, note)
    if setting is None:
        return None
    value = _value_of(wrong, words)
    given = shlex.join(["--set", f"{setting}={value}"])
    return f"a setting of the note: {given}"


def _value_of(option: str, words: Sequence[str]) -> str:
    """Returns what was given for an option, after a blank or after `=`."""
    for word, following in zip(words, [*words[1:], "VALUE"], strict=True):
        name, equals, value = word.partition("=")
        if name == option:
            return value if equals else following
    return "VALUE"


def complete_hint(error: KerasNotesError, group: click.Context) -> None:
    """Lets an error's hint repeat what was given, so that it can be copied."""
    words = sys.argv[1:]
    if error.hint is None or not isinstance(group.command, click.Group):
        return
    verb = group.command.get_command(group, words[0]) if words else None
    if verb is not None:
        valued = {n for p in _options(verb) if not p.is_flag for n in p.opts}
        error.hint = hints.whole_command(error.hint, words, valued)


def _options(verb: click.Command) -> list[click.Option]:
    return [p for p in verb.params if isinstance(p, click.Option)]
