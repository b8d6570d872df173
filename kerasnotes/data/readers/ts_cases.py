"""`.ts` files: sequences as sktime and the UEA & UCR archive write them.

A head of lines that begin with `@`, then a sequence a line: its dimensions,
parted by colons, each a list of numbers parted by commas; behind the last
colon its class, or what was measured.

Reference:
    Bagnall et al., 2018, The UEA multivariate time series classification
    archive. https://arxiv.org/abs/1811.00075
"""

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.fields import Column
from kerasnotes.data.meaning.missing import is_missing
from kerasnotes.data.text import encoding

SUFFIX = ".ts"


@dataclasses.dataclass(frozen=True)
class Cases:
    """What a file holds.

    Args:
        values: Array `(T, D)` of each, float32; NaN where a value is missing.
        targets: What stands behind the last colon of each; empty if nothing.
        measured: Whether that is a number that was measured.
    """

    values: list[Array]
    targets: list[str]
    measured: bool

    @property
    def columns(self) -> tuple[Column, ...]:
        width = self.values[0].shape[1] if self.values else 1
        names = ["value"] if width == 1 else [f"dim_{d}" for d in range(width)]
        return tuple(Column(name) for name in names)


def read_cases(path: Path) -> Cases:
    """Returns the sequences of a file, padding at their ends taken off.

    Raises:
        DataError: If it is no such file, or a line of it cannot be read.
    """
    with encoding.open_text(path, encoding.detect(path)) as file:
        lines = ((n, line.strip()) for n, line in enumerate(file, start=1))
        told = ((n, t) for n, t in lines if t and not t.startswith(("#", "%")))
        head = _read_head(told, path)
        values, targets = [], []
        for number, text in told:
            try:
                one, target = _read_line(text, head)
            except ValueError as error:
                raise _broken(path, number, str(error)) from None
            values.append(one)
            targets.append(target)
    widths = {one.shape[1] for one in values}
    if len(widths) > 1:
        raise _broken(path, 0, f"sequences have {sorted(widths)} dimensions")
    return Cases(values, targets, _says(head, "targetlabel"))


def _read_head(lines: Iterable[tuple[int, str]], path: Path) -> dict[str, str]:
    """Takes the lines up to `@data`; returns what they say, by small names."""
    head: dict[str, str] = {}
    for number, text in lines:
        if not text.startswith("@"):
            raise _broken(path, number, f"it begins with {text[:20]!r}")
        key, _, rest = text[1:].partition(" ")
        if key.lower() == "data":
            return head
        head[key.lower()] = rest.strip()
    raise _broken(path, 0, "there is no line `@data`")


def _says(head: dict[str, str], key: str) -> bool:
    return head.get(key, "").lower().split(" ")[0] == "true"


def _read_line(text: str, head: dict[str, str]) -> tuple[Array, str]:
    """Returns a line's sequence and its target.

    Raises:
        ValueError: Says what is wrong.
    """
    if "(" in text:
        raise ValueError(
            "it gives a time with each value, which is not read: values that "
            "are equally far apart are"
        )
    parts = text.split(":")
    labelled = _says(head, "classlabel") or _says(head, "targetlabel")
    target = parts.pop().strip() if labelled else ""
    read = [_numbers(part) for part in parts]
    lengths = {len(one) for one in read}
    if len(lengths) != 1:
        raise ValueError(
            f"its dimensions have {sorted(lengths)} values"
            if lengths
            else "it holds a target and no values"
        )
    return _without_padding(np.stack(read, axis=1)), target


def _numbers(part: str) -> Array:
    cells = [cell.strip() for cell in part.split(",")] if part.strip() else []
    read = [np.nan if is_missing(cell) else float(cell) for cell in cells]
    return np.array(read, "float32")


def _without_padding(values: Array) -> Array:
    """Takes off rows at the end that hold nothing, as UCR's padded files do."""
    told = np.flatnonzero(~np.isnan(values).all(axis=1))
    return values[: int(told[-1]) + 1 if len(told) else 0]


def _broken(path: Path, line: int, why: str) -> DataError:
    where = f"line {line:,} of {path}" if line else str(path)
    return DataError(
        f"{where} cannot be read: {why}.",
        expected="a .ts file: lines of @, then 1.5,2.0:3.1,4.2:class",
        received=path.name,
    )
