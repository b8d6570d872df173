"""`.ts` files: sequences as sktime and the UEA & UCR archive write them.

A head of lines that begin with `@`, then a sequence a line: its dimensions,
parted by colons, each a list of numbers parted by commas; behind the last
colon its class, or what was measured.

Reference:
    Bagnall et al., 2018, The UEA multivariate time series classification
    archive. https://arxiv.org/abs/1811.00075
"""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data import fields
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.fields import Column
from kerasnotes.data.meaning import labels, regression
from kerasnotes.data.meaning.missing import is_missing
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.folder_names import SPLITS, words_of
from kerasnotes.data.sequences.making import Sequences, make_dataset
from kerasnotes.data.splitting import PARTS
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
    head: dict[str, str] = {}
    values: list[Array] = []
    targets: list[str] = []
    data = False
    with encoding.open_text(path, encoding.detect(path)) as file:
        for number, line in enumerate(file, start=1):
            text = line.strip()
            if not text or text.startswith(("#", "%")):
                continue
            if data:
                try:
                    one, target = _read_line(text, head)
                except ValueError as error:
                    raise _broken(path, number, str(error)) from None
                values.append(one)
                targets.append(target)
                continue
            if not text.startswith("@"):
                raise _broken(path, number, f"it begins with {text[:20]!r}")
            key, _, rest = text[1:].partition(" ")
            head[key.lower()] = rest.strip()
            data = key.lower() == "data"
    if not data:
        raise _broken(path, 0, "there is no line `@data`")
    widths = {one.shape[1] for one in values}
    if len(widths) > 1:
        raise _broken(path, 0, f"sequences have {sorted(widths)} dimensions")
    return Cases(values, targets, _says(head, "targetlabel"))


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


def find_files(root: Path) -> dict[str, Path] | None:
    """Returns the `.ts` files of a folder by part; `None` if it has none.

    Raises:
        DataError: If it is not clear which is which.
    """
    files = sorted(
        path
        for path in root.iterdir()
        if path.suffix.lower() == SUFFIX and not path.name.startswith(".")
    )
    if not files:
        return None
    if len(files) == 1:
        return {"all": files[0]}
    named = [(_part(path), path) for path in files]
    parts = {part: path for part, path in named if part}
    if len(parts) < len(files) or "train" not in parts:
        raise DataError(
            f"Which .ts file of {root} trains, and which tests?",
            expected="one file, or NAME_TRAIN.ts and NAME_TEST.ts",
            received=", ".join(path.name for path in files),
            hint="name one file",
        )
    return {part: parts[part] for part in PARTS if part in parts}


def _part(path: Path) -> str | None:
    last = (words_of(path.stem) or [""])[-1]
    return SPLITS.get(last)


def beside(path: Path) -> dict[str, Path]:
    """Returns a training file with the test file beside it; any other alone."""
    if _part(path) != "train":
        return {"all": path}
    stem = path.stem[: -len("train")]
    found = {"train": path}
    for other in sorted(path.absolute().parent.glob("*")):
        part = _part(other)
        alike = other.stem.startswith(stem) and len(other.stem) < len(stem) + 11
        if part and part != "train" and alike and _is_ts(other):
            found.setdefault(part, other)
    return found if len(found) > 1 else {"all": path}


def _is_ts(path: Path) -> bool:
    return path.suffix.lower() == SUFFIX


def read(path: Path, config: DataConfig, problems: Problems) -> Dataset | None:
    """Reads a `.ts` file, and the test part beside `NAME_TRAIN.ts`.

    Raises:
        DataError: If it cannot be read, or has no targets.
    """
    return read_parts(beside(path), config, problems)


def read_parts(
    files: dict[str, Path], config: DataConfig, problems: Problems
) -> Dataset | None:
    """Reads `.ts` files, one a part.

    Args:
        files: By part: `all`, or `train` and others.
        config: Split, class names, what labels are.
        problems: Told of what cannot be used.

    Raises:
        DataError: As `read`; or if the parts do not go together.
    """
    read_of = {part: read_cases(path) for part, path in files.items()}
    first, first_path = next(iter(read_of.values())), next(iter(files.values()))
    _check_alike(files, read_of)
    told = ", ".join(f"{p.name} ({part})" for part, p in files.items())
    problems.note(f"Read: {told}." if len(files) > 1 else f"Read: {told[:-6]}.")
    raw = [text for cases in read_of.values() for text in cases.targets]
    measured = (
        first.measured if config.labels is None else (config.labels == "values")
    )
    name = first_path.stem
    if measured:
        values = np.array([_measure(text, first_path) for text in raw])
        y, target = regression.read(values, name, config, problems)
    else:
        y, names = labels.encode_texts(
            *_distinct(raw), first_path.name, config, problems
        )
        target = fields.one_class(labels.rename(names, config.classes))
    ends = np.cumsum([len(cases.values) for cases in read_of.values()])
    own = np.split(y, ends[:-1])
    parts = {
        part: Sequences(cases.values, known, _names(part, len(cases.values)))
        for (part, cases), known in zip(read_of.items(), own, strict=True)
    }
    return make_dataset(
        parts, config, problems, name=name, columns=first.columns, target=target
    )


def _names(part: str, count: int) -> list[str]:
    prefix = "" if part == "all" else f"{part} "
    return [f"{prefix}#{number}" for number in range(count)]


def _distinct(texts: Sequence[str]) -> tuple[list[str], Array]:
    known, codes = np.unique(np.array(texts, str), return_inverse=True)
    return [str(one) for one in known], codes.reshape(-1)


def _measure(text: str, path: Path) -> float:
    try:
        return float("nan") if is_missing(text) else float(text)
    except ValueError:
        raise DataError(
            f"A target of {path} is no number.",
            expected="measured values",
            received=text[:40],
            hint="if they are classes: --set data.labels=classes",
        ) from None


def _check_alike(files: dict[str, Path], parts: dict[str, Cases]) -> None:
    for part, cases in parts.items():
        if any(not text for text in cases.targets) or not cases.targets:
            raise DataError(
                f"{files[part]} does not tell what its sequences are.",
                expected="@classLabel true and the classes, or @targetLabel "
                "true; and a sequence a line",
                received=f"{len(cases.values)} sequences without a target"
                if cases.values
                else "no sequence",
            )
    widths = _widths(parts.values())
    if len(widths) > 1:
        raise DataError(
            "The parts have different dimensions.",
            expected="as many in each file",
            received=", ".join(map(str, widths)),
        )


def _widths(parts: Iterable[Cases]) -> list[int]:
    return sorted({len(cases.columns) for cases in parts})
