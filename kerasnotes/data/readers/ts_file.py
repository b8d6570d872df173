"""Data sets of `.ts` files: one, or one a part."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data import fields
from kerasnotes.data.dataset import Array, Dataset
from kerasnotes.data.fields import Field
from kerasnotes.data.meaning import labels, regression
from kerasnotes.data.meaning.missing import is_missing
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.folder_names import SPLITS, words_of
from kerasnotes.data.readers.ts_cases import SUFFIX, Cases, read_cases
from kerasnotes.data.sequences.making import Sequences, make_dataset
from kerasnotes.data.splitting import PARTS


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
    _check_alike(files, read_of)
    first, path = next(iter(read_of.values())), next(iter(files.values()))
    told = ", ".join(f"{p.name} ({part})" for part, p in files.items())
    problems.note(f"Read: {told}." if len(files) > 1 else f"Read: {told[:-6]}.")
    raw = [text for cases in read_of.values() for text in cases.targets]
    y, target = _targets(raw, first.measured, path, config, problems)
    ends = np.cumsum([len(cases.values) for cases in read_of.values()])
    own = np.split(y, ends[:-1])
    parts = {
        part: Sequences(cases.values, known, _names(part, len(cases.values)))
        for (part, cases), known in zip(read_of.items(), own, strict=True)
    }
    return make_dataset(
        parts,
        config,
        problems,
        name=path.stem,
        columns=first.columns,
        target=target,
    )


def _targets(
    raw: Sequence[str],
    measured: bool,
    path: Path,
    config: DataConfig,
    problems: Problems,
) -> tuple[Array, Field]:
    """Returns class numbers or measured values, and what they are."""
    if config.labels is not None:
        measured = config.labels == "values"
    if measured:
        values = np.array([_measure(text, path) for text in raw])
        return regression.read(values, path.stem, config, problems)
    known, codes = np.unique(np.array(raw, str), return_inverse=True)
    y, names = labels.encode_texts(
        known.tolist(), codes.reshape(-1), path.name, config, problems
    )
    return y, fields.one_class(labels.rename(names, config.classes))


def _names(part: str, count: int) -> list[str]:
    prefix = "" if part == "all" else f"{part} "
    return [f"{prefix}#{number}" for number in range(count)]


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
