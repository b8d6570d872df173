"""Hints that can be copied: they repeat what the user had given."""

import itertools
import re
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

_OPTIONS = r"--[a-z][a-z-]* [^\s,;]+(?: [0-9.]+)*"
_CHANGE = re.compile(rf"(?:^|with )({_OPTIONS}(?: {_OPTIONS})*)$")
"""Options that end a hint, each with a value: `try with --batch-size 8`."""


def given_options(options: Mapping[str, str | Iterable[str] | None]) -> str:
    """Returns ` --data cells --set width=32`; nothing for what is not given.

    Args:
        options: One value, or several, by the option's name.
    """
    words: list[str] = []
    for name, value in options.items():
        values = [value] if isinstance(value, str) else value or ()
        for text in values:
            words += [name, text]
    return f" {shlex.join(words)}" if words else ""


def whole_command(
    hint: str, words: Sequence[str], valued: Collection[str]
) -> str:
    """Completes a hint that names options by the command that was given.

    Args:
        hint: `--batch-size 8`, or a sentence that ends so.
        words: The command, without `kn`.
        valued: Options of its verb that take a value.

    Returns:
        The hint, with `kn fit unet --data cells --batch-size 8` in the
        options' place; as it was if these are not the verb's, or if a run
        is resumed, which keeps its settings.
    """
    found = _CHANGE.search(hint)
    if found is None or "--resume" in words:
        return hint
    change = shlex.split(found.group(1))
    names = {word for word in change if word.startswith("--")}
    if not names <= set(valued):
        return hint
    kept = _without(words, change, valued)
    if kept[:1] == ["fit"]:
        kept = _with_free_folder(kept)
    return hint[: found.start(1)] + shlex.join(["kn", *kept, *change])


def _without(
    words: Sequence[str], change: Sequence[str], valued: Collection[str]
) -> list[str]:
    """Leaves out of `words` the options that `change` gives anew."""
    anew = {
        (name, value.partition("=")[0] if name == "--set" else "")
        for name, value in itertools.pairwise(change)
        if name.startswith("--")
    }
    kept: list[str] = []
    for option, value in _pairs(words, valued):
        setting = value.partition("=")[0] if option == "--set" else ""
        if option is None or (option, setting) not in anew:
            kept += [value] if option is None else [option, value]
    return kept


def _pairs(
    words: Sequence[str], valued: Collection[str]
) -> Iterable[tuple[str | None, str]]:
    """Yields options with their values; `(None, word)` for other words."""
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name not in valued:
            yield None, word
        elif equals:
            yield name, value
        else:
            yield name, next(rest, "")


def _with_free_folder(words: list[str]) -> list[str]:
    """Names another --out where the first holds a run by now."""
    if "--out" not in words[:-1]:
        return words
    place = words.index("--out") + 1
    folder = Path(words[place])
    for number in itertools.count(2):
        if not folder.is_dir() or not any(folder.iterdir()):
            break
        folder = Path(f"{words[place]}-{number}")
    return [*words[:place], str(folder), *words[place + 1 :]]
