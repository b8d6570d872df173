"""Everything found wrong with a data set, collected instead of the first.

Readers add what they find and go on with the rest; `load` raises what would
stop training as one error, `kn data` lists it all.
"""

import dataclasses
from collections.abc import Collection

from kerasnotes.base.commands import command
from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.words import SOURCE, option_words

SHOWN = 10
"""Problems listed in one error message; `kn data` lists all."""

EXPECTED = {
    "not read": "a folder, file or name that `kn data --help` describes",
    "unreadable": "whole image files that Pillow can read",
    "mask without image": "`images/` and `masks/` with equal file stems",
    "image without mask": "`images/` and `masks/` with equal file stems",
    "different size": "an image and a mask of equal height and width",
    "unknown mask value": "masks of 0 and 1, 0 and 255, or 0 to K-1, or a "
    "classes.txt with one line `value name` a class",
    "bad cell": "a number in every column but the label's and those of "
    "categories; fill in what is missing, or leave the rows out, or the "
    "column: --set 'data.leave_out=[NAME]'",
    "unknown column": "columns of the table in data.leave_out and data.keep",
    "written number": "plain numbers, 1234.5; leave the column out: --set "
    "'data.leave_out=[NAME]'; or call it names: --set 'data.categories=[NAME]'",
    "written label": "plain numbers, 1234.5, of what was measured; or, if "
    "they name classes: --set data.labels=classes",
    "missing label": "a label in every row; leave these rows out, or, if the "
    "word is a class, name every class with --classes; marks (- or .) are "
    "classes by --set data.labels=classes as well",
    "lost digits": "values that float32 tells apart; or leave the column "
    "out: --set 'data.leave_out=[NAME]'",
    "bad stamp": "a day, or a day and a time, in every row of the column: "
    "2016-07-01 13:00",
    "repeated stamp": "one row for each time; of several series in one file, "
    "one a file, or a column for each",
    "missing stamps": "a row for every step; or have them filled: --set "
    "data.gaps=hold or linear; or stamps not heeded: --set data.gaps=ignore",
    "uneven stamps": "rows that are equally far apart; or stamps not heeded: "
    "--set data.gaps=ignore",
    "missing cell": "a number in every cell; or have them filled: --set "
    "data.gaps=hold or linear; or the column left out: --set "
    "'data.leave_out=[NAME]'",
    "too short": "more rows or text, a shorter --horizon or --window, or "
    "larger parts: data.validation, data.test",
    "single token": "a text of at least two different tokens",
    "missing value": "a finite number in every row and column of a sequence; "
    "fill in what is missing, or leave the column out: --set "
    "'data.leave_out=[NAME]'",
    "several labels": "one label for each sequence, the same in all its rows",
    "different columns": "the same columns in every file",
    "not finite": "finite numbers, no NaN or infinity",
    "soft edges": "masks that hold nothing but classes",
    "instance numbers": "the same number for a class in every mask",
    "unclear mask": "a mask in the colours, or in the alpha channel",
    "single class": "at least two classes; for a generator, which needs none, "
    "inputs without labels",
    "one text": "texts that differ; or other tokens: --set "
    "data.tokenizer=character",
    "constant target": "a target that varies",
    "empty": "at least one example",
    "no training part": "examples to train on",
    "too few": "at least one example for each part of the split",
    "mixed types": "images of one bit depth",
    "ambiguous name": "one file per stem, one folder per class",
    "several pages": "files of one picture each",
}
"""What would have been right, by kind of problem."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """One thing that would stop training.

    Args:
        kind: A key of `EXPECTED`.
        where: File, row or key; empty if it is the whole set.
        text: What is wrong there.
    """

    kind: str
    where: str
    text: str

    def __str__(self) -> str:
        parts = (self.where, self.text or self.kind)
        return ": ".join(part for part in parts if part)


class Problems:
    """Collects what stops training (`fatal`) and what is worth knowing.

    Args:
        passed: Kinds that are passed over: they stop training, but not what
            is asked for.

    Attributes:
        given: The parts that the source itself is divided into; `all` if it
            is not.
    """

    def __init__(self, passed: Collection[str] = ()) -> None:
        self.passed = passed
        self.fatal: list[Problem] = []
        self.notes: list[str] = []
        self.given: tuple[str, ...] = ()

    def add(self, kind: str, where: str, text: str = "") -> None:
        if kind not in self.passed:
            self.fatal.append(Problem(kind, where, text))

    def told_of(self, where: str, kind: str | None = None) -> bool:
        """Returns whether something is wrong there, of a kind or of any."""
        return any(
            problem.where == where and kind in (None, problem.kind)
            for problem in self.fatal
        )

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def raise_any(self, config: DataConfig) -> None:
        """Raises all that was found in a source as one error.

        Raises:
            DataError: If anything was found.
        """
        if not self.fatal:
            return
        kinds = list(dict.fromkeys(p.kind for p in self.fatal))
        lines = [str(problem) for problem in self.fatal[:SHOWN]]
        left = len(self.fatal) - len(lines)
        if left:
            lines.append(f"and {left} more")
        raise DataError(
            f"{config.source} cannot be used: {', '.join(kinds)}.",
            expected="; ".join(dict.fromkeys(EXPECTED[k] for k in kinds)),
            received="\n  ".join(lines) if len(lines) == 1 else _list(lines),
            hint=_looking(config),
        )


def _looking(config: DataConfig) -> str | None:
    """Returns the command that lists all; none reads what is in memory."""
    if config.source == SOURCE:
        return None
    looking = command("data", config.source, *option_words(config))
    return f"`{looking}` lists every problem"


def _list(lines: list[str]) -> str:
    return "".join(f"\n  {line}" for line in lines)
