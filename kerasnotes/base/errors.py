"""Errors that a user can mend, each with the exit code that `kn` ends with.

Every message says what went wrong; `expected`, `received` and `hint` (what
to do next) are printed below it, one line each.
"""

import difflib
from collections.abc import Iterable


class KerasNotesError(Exception):
    """Base of every error that is shown without a traceback.

    Args:
        message: One sentence: what went wrong.
        expected: What would have been right.
        received: What was there instead.
        hint: What to do next; a command where there is one.
    """

    exit_code = 1

    def __init__(
        self,
        message: str,
        *,
        expected: str | None = None,
        received: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.received = received
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.message]
        if self.expected:
            lines.append(f"Expected: {self.expected}")
        if self.received:
            lines.append(f"Received: {self.received}")
        if self.hint:
            lines.append(f"Next: {self.hint}")
        return "\n".join(lines)


class UsageError(KerasNotesError):
    """A wrong name, option or value on the command line or in a config."""

    exit_code = 2


class DataError(KerasNotesError):
    """A data set that is missing, empty, unreadable or not what it claims."""

    exit_code = 3


class OutOfMemoryError(KerasNotesError):
    """Even the smallest batch does not fit into memory."""

    exit_code = 4


class StorageError(KerasNotesError):
    """A run, model or output file that cannot be read or written."""

    exit_code = 5


class DivergedError(KerasNotesError):
    """Training produced NaN, infinity or an exploding loss."""

    exit_code = 6


class InterruptedRunError(KerasNotesError):
    """Ctrl-C, after everything was saved."""

    exit_code = 130


def reason(error: BaseException) -> str:
    """Returns what a framework's error says, in one line.

    That is the last line before the graph's own names: those above tell
    where it happened.
    """
    said = str(error).split("[[")[0].split("[Op:")[0]
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return (lines or [type(error).__name__])[-1][:300]


def unknown_name(what: str, name: str, known: Iterable[str]) -> UsageError:
    """Returns the error for a name that is none of the known ones."""
    names = list(known)
    return UsageError(
        f"no {what} `{name}`",
        expected=", ".join(names),
        received=name,
        hint=did_you_mean(name, names),
    )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Returns a hint naming the known name nearest to a misspelt one."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if close:
        return f"did you mean `{close[0]}`?"
    return "known names: " + ", ".join(names)
