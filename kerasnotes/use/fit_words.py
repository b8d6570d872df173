"""The words of a call of `fit` from Python: where they belong, and misspelt."""

import difflib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError, did_you_mean
from kerasnotes.base.spellings import other_keywords
from kerasnotes.notes import find
from kerasnotes.use.trained import Trained

LONGEST = 200
"""Characters of an argument in a run's record."""

DATA_FIELDS = DataConfig.model_fields.keys() - {"source"}
"""Settings of the data that are keywords too; the source is `data`."""


def _nearest(name: str, known: Sequence[str]) -> str:
    meant = other_keywords(name, known)
    return f"did you mean `{meant[0]}`?" if meant else did_you_mean(name, known)


def _short(value: Any) -> str:
    if isinstance(value, Trained):
        return repr(str(value.path))
    plain = (str, int, float, tuple, list, dict)
    text = repr(str(value) if isinstance(value, Path) else value)
    short = isinstance(value, (*plain, Path)) and len(text) <= LONGEST
    return text if short else f"<{type(value).__name__}>"


def check_doubles(
    named: Mapping[str, Any],
    settings: Mapping[str, Any],
    *,
    options: bool = False,
) -> None:
    """Refuses what is given by keyword and among the settings.

    Args:
        named: Keywords and values; `None` is not given.
        settings: Values by full name, `train.epochs`.
        options: Whether they are options of the command line.

    Raises:
        UsageError: If a name is given both ways.
    """
    keywords = {"source": "data"}
    for full, value in settings.items():
        field = full.rpartition(".")[2]
        name = keywords.get(field, field)
        if named.get(name) is None:
            continue
        option = f"--{name.replace('_', '-')}"
        expected = f"{name}=, or {full!r} in settings="
        received = f"{name}={_short(named[name])} and {full}={value!r}"
        if options:
            expected = f"{option}, or --set {full}="
            received = f"{option} {named[name]} and --set {full}={value}"
        raise UsageError(
            f"`{name}` is given twice.", expected=expected, received=received
        )


def check_fields(
    note: str, fields: Mapping[str, Any], options: Sequence[str]
) -> None:
    """Refuses keywords that are neither options nor the note's own fields.

    Args:
        note: The note's name.
        fields: What was given beside the options.
        options: Names of the options, for the hint.

    Raises:
        UsageError: Names the nearest that would do.
    """
    own = list(find(note).config_class().model_fields)
    for name, value in fields.items():
        if name not in own and name not in DATA_FIELDS:
            raise UsageError(
                f"`{note}` has no setting called `{name}`.",
                expected="its own fields: " + ", ".join(own),
                received=f"{name}={value!r}",
                hint=_nearest(name, [*own, *options]),
            )


def check_spelling(fields: Mapping[str, Any], options: Sequence[str]) -> None:
    """Refuses misspelt options of a run that goes on.

    Args:
        fields: What was given beside the options.
        options: Their names.

    Raises:
        UsageError: Names what was meant; a run keeps its other settings.
    """
    for name, value in fields.items():
        near = difflib.get_close_matches(name, options, n=1, cutoff=0.75)
        if near or other_keywords(name, options):
            raise UsageError(
                f"There is no option called `{name}`.",
                received=f"{name}={value!r}",
                hint=_nearest(name, options),
            )


def describe_call(named: Mapping[str, Any]) -> str:
    """Returns a call from Python as text, for the record.

    Args:
        named: Its arguments; those left at `None` are left out.
    """
    fields = named.get("fields", {})
    arguments = {
        k: v for k, v in named.items() if k != "fields" and v is not None
    }
    words = [f"{k}={_short(v)}" for k, v in {**arguments, **fields}.items()]
    return f"kerasnotes.fit({', '.join(words)})"


def place_fields(note: str | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns keywords by their full names: `target` is `data.target`.

    Args:
        note: The note's name; its own fields come first.
        fields: What was given beside the options.
    """
    own = find(note).config_class().model_fields if note is not None else {}
    data = DATA_FIELDS - own.keys()
    return {
        f"data.{name}" if name in data else name: value
        for name, value in fields.items()
    }
