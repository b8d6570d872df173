"""What predictions are asked for: files found, checked, read; or arrays."""

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Array
from kerasnotes.data.meaning import axes
from kerasnotes.data.meaning.categories import encode
from kerasnotes.data.readers import text_folder as text_files
from kerasnotes.data.readers.image.image_files import suffixes
from kerasnotes.data.readers.image.images import read_gaps, read_input
from kerasnotes.data.readers.tables.series_rows import read_past
from kerasnotes.data.readers.tables.table_rows import SUFFIXES, read_rows
from kerasnotes.data.scale import check_values
from kerasnotes.data.spec import Spec
from kerasnotes.tasks.array_files import SUFFIXES as ARRAYS
from kerasnotes.tasks.array_files import load_array
from kerasnotes.tasks.sequences import SUFFIXES as SEQUENCES
from kerasnotes.tasks.sequences import read_sequences
from kerasnotes.tasks.sequences import to_inputs as to_sequences
from kerasnotes.tasks.texts import read_texts, to_numbers

NAMED = 10
TABLES = (*SUFFIXES, ".npz")
"""Of files that are looked for in folders; arrays alone may be anything."""


@dataclasses.dataclass(frozen=True)
class Held:
    """Examples in memory, taken as an `.npz` file of them would be.

    Args:
        values: Array `(N, ...)`, or several by the names of inputs.
        name: What answers call it.
        ready: Whether they are raw inputs already, as files are read to.
        times: Of the rows that follow a series, as text, if known.
    """

    values: Any
    name: str = "array"
    ready: bool = False
    times: Sequence[str] = ()

    @property
    def stem(self) -> str:
        return self.name

    def __str__(self) -> str:
        return self.name


Input = Path | Held


def find_files(paths: Iterable[Path], spec: Spec) -> list[Path]:
    """Returns the files that `paths` name, those of a folder sorted.

    Args:
        paths: Files, or folders of files.
        spec: What the model was trained on: images or rows of a table.

    Raises:
        DataError: If a path does not exist, or holds nothing to read.
    """
    endings = _endings(spec)
    files: list[Path] = []
    for path in paths:
        try:
            is_dir = path.is_dir()
        except OSError as error:
            raise unreadable(path, error) from error
        if is_dir:
            files += _files_of(path, endings)
        elif path.is_file():
            _check_kind(path, spec)
            files.append(path)
        else:
            raise DataError(
                f"There is no file or folder {path}.",
                expected=_wanted(spec),
                received=str(path),
            )
    return list(dict.fromkeys(files))


LANGUAGE = frozenset((".txt", ".md"))
"""Endings of files that hold one long text."""


def _endings(spec: Spec) -> frozenset[str]:
    """Returns the endings of files that hold one example or more."""
    if spec.input.kind == "tokens":
        return LANGUAGE
    if spec.input.kind == "text":
        return frozenset((text_files.SUFFIX, *SUFFIXES))
    if spec.of_sequences:
        return frozenset(SEQUENCES)
    image = spec.of_files.input.kind == "image"
    return suffixes() if image else frozenset(TABLES)


def _files_of(folder: Path, endings: frozenset[str]) -> list[Path]:
    try:
        files = sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in endings
            and not path.name.startswith(".")
            and path.is_file()
        )
    except OSError as error:
        raise unreadable(folder, error) from error
    if not files:
        raise DataError(
            f"There is nothing to read in {folder}.",
            expected="files ending in " + ", ".join(sorted(endings)),
            received="a folder without such files",
            hint="sub-folders are not searched: name one of them",
        )
    return files


def unreadable(path: Path, error: OSError) -> DataError:
    """Explains that the system does not let a path be read."""
    return DataError(
        f"{path} cannot be read: {error.strerror}.",
        hint="check its permissions",
    )


def _wanted(spec: Spec) -> str:
    """Returns in words what may be asked about."""
    if spec.input.kind == "tokens":
        return "a .txt or .md file, or a folder of these"
    if spec.input.kind == "text":
        return "a text in quotes, a .txt file, a table, or a folder of these"
    if spec.of_sequences:
        return f"a {', '.join(SEQUENCES)} file, or a folder of them"
    if spec.of_files.input.kind == "image":
        return "images, or a folder of images"
    return "a .csv, .tsv, .parquet, .npz or .npy file, or a folder of them"


def _check_kind(path: Path, spec: Spec) -> None:
    if spec.input.kind in ("text", "tokens") or spec.of_sequences:
        if path.suffix.lower() not in _endings(spec):
            raise DataError(
                f"{path} does not fit the model.",
                expected=_wanted(spec),
                received=path.name,
            )
        return
    table = path.suffix.lower() in (*SUFFIXES, *ARRAYS)
    image = spec.of_files.input.kind == "image"
    if image and path.suffix.lower() not in SUFFIXES:
        return
    if not image and table:
        return
    raise DataError(
        f"{path} does not fit the model.",
        expected="an image file (or .npz or .npy of images)"
        if image
        else "a .csv, .tsv, .parquet, .npz or .npy of "
        f"{spec.input.shape[-1]} columns",
        received=path.name,
    )


def read_examples(
    path: Input, spec: Spec, *, gaps: bool = False
) -> list[Array]:
    """Reads a file as the data room reads one.

    Args:
        path: An image; or a table, `.npz` or `.npy`, which holds many
            examples; or examples in memory.
        spec: What the model was trained on.
        gaps: Whether pixels may be missing: transparent ones of an image
            are returned as `nan`, and those of an array may be so.

    Returns:
        Raw inputs: `(H, W, C)` each, or `(D,)` each.

    Raises:
        DataError: If the file cannot be read or does not fit the model.
    """
    if isinstance(path, Held) and path.ready:
        return list(path.values)
    if spec.input.kind == "text":
        return list(to_numbers(read_texts(path, spec), spec))
    if spec.of_sequences:
        return list(to_sequences(read_sequences(path, spec), spec))
    if isinstance(path, Held):
        return list(_fit_array(path.values, spec, path.name, gaps))
    if path.suffix.lower() in ARRAYS:
        name, x = load_array(path)
        return list(_fit_array(x, spec, name, gaps))
    if path.suffix.lower() in SUFFIXES:
        if spec.input.kind == "series":
            return [read_past(path, spec).values]
        return list(read_rows(path, spec))
    image = read_input(path, spec.of_files)
    if gaps:
        image = image.astype("float32")
        image[read_gaps(path, image.shape[:2])] = np.nan
    return [_as_series(image[None], spec)[0]]


def read_windows(path: Input, spec: Spec) -> tuple[Any, Sequence[str]]:
    """Returns what forecasts are made from, and the times they are of.

    Args:
        path: A table, whose last rows are taken; or a file of an
            array, or an array, of windows `(N, T, D)`.
        spec: What the model was trained on.

    Returns:
        Windows `(N, T, D)`, or all inputs by name; and the times of what
        follows the only one, as text, if they are known.

    Raises:
        DataError: As `read_examples`.
    """
    if isinstance(path, Path) and path.suffix.lower() in SUFFIXES:
        past = read_past(path, spec)
        return past.inputs, past.times
    if isinstance(path, Held) and path.ready:
        return path.values, path.times
    if len(spec.inputs) > 1:
        return _read_named(path, spec), ()
    return np.stack(read_examples(path, spec)), ()


def _read_named(path: Input, spec: Spec) -> dict[str, Array]:
    """Returns inputs of several fields, each an array of its name.

    Raises:
        DataError: If one is missing, or of another shape.
    """
    if isinstance(path, Held):
        given = path.values
    else:
        try:
            with np.load(path, allow_pickle=False) as archive:
                given = {name: archive[name] for name in archive.files}
        except Exception as error:
            # A damaged zip, pickled objects, a wrong header: all unreadable.
            raise DataError(
                f"{path} cannot be read as an .npz of arrays: {error}"
            ) from None
    shapes = [f"{f.name} (N, {_text(f.shape)})" for f in spec.inputs]
    names = sorted(given) if isinstance(given, dict) else [f"{given.shape}"]
    counts = set()
    for field in spec.inputs:
        x = given.get(field.name) if isinstance(given, dict) else None
        if (
            x is None
            or x.shape[1:] != field.shape
            or x.dtype.kind not in "buif"
        ):
            received = names if x is None else f"{field.name} {x.shape}"
            raise DataError(
                f"{path} does not hold what the model is told.",
                expected="arrays " + ", ".join(shapes),
                received=str(received),
            )
        _check_finite(x, f"{field.name} of {path}", False)
        counts.add(len(x))
    if len(counts) > 1:
        raise DataError(
            f"The arrays of {path} differ in length.",
            expected="as many examples of each",
            received=", ".join(map(str, sorted(counts))),
        )
    return {field.name: np.asarray(given[field.name]) for field in spec.inputs}


def _as_series(x: Array, spec: Spec) -> Array:
    """Returns images `(N, H, W, C)` as the series that a model takes."""
    if not spec.input.picture or x.shape[1:] == spec.input.shape:
        return x
    shape = tuple(side or 0 for side in spec.input.shape)
    return x.reshape(len(x), *shape)


def _called(name: str) -> str:
    return name if name == Held.name else f"array {name}"


def _fit_array(x: Array, spec: Spec, name: str, gaps: bool) -> Array:
    """Returns examples `(N, ...)` if they are what the model takes."""
    if spec.input.categorical:
        x = _encode_rows(x, spec, name)
    if spec.input.picture and x.shape[1:] != spec.input.shape:
        return _as_series(_fit_array(x, spec.of_files, name, gaps), spec)
    if spec.input.kind == "image":
        x = axes.like(x, spec)
    fits = x.ndim == 1 + len(spec.input.shape) and all(
        size is None or size == received
        for size, received in zip(spec.input.shape, x.shape[1:], strict=True)
    )
    if not fits or x.dtype.kind not in "buif":
        raise DataError(
            f"The {_called(name)} does not fit the model.",
            expected=f"numbers of shape (N, {_text(spec.input.shape)})",
            received=f"{x.dtype} of shape {x.shape}",
        )
    _check_finite(x, name, gaps)
    check_values(x, spec, f"The {_called(name)}")
    return x


def _encode_rows(x: Array, spec: Spec, name: str) -> Array:
    """Returns raw rows `(N, D)`, texts among them, with numbered categories.

    Raises:
        DataError: If there is no number where one is wanted.
    """
    columns = spec.input.columns
    if x.ndim != 2 or x.shape[1] != len(columns):
        raise DataError(
            f"The {_called(name)} does not fit the model.",
            expected=f"rows of {len(columns)} columns: "
            + ", ".join(spec.input.names[:NAMED]),
            received=f"shape {x.shape}",
        )
    coded = np.empty(x.shape, "float64")
    for place, column in enumerate(columns):
        try:
            coded[:, place] = (
                encode(x[:, place].tolist(), column.categories)
                if column.categories
                else x[:, place].astype("float64")
            )
        except (TypeError, ValueError) as error:
            raise DataError(
                f"Column {column.name} of {name} is not of numbers: {error}.",
                expected="a number in every row",
                received=f"{x.dtype}",
            ) from None
    return coded


def _check_finite(x: Array, name: str, gaps: bool) -> None:
    """Raises a `DataError` for what is no number once it is float32."""
    with np.errstate(over="ignore"):
        fed = x.astype("float32", copy=False)
    if (np.isinf(fed) if gaps else ~np.isfinite(fed)).any():
        raise DataError(
            f"The {_called(name)} holds NaN or infinity.",
            expected="finite numbers of float32",
            received=f"{x.dtype}",
        )


def _text(shape: Sequence[int | None]) -> str:
    return ", ".join("any" if side is None else str(side) for side in shape)
