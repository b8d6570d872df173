"""A few examples of a data set as ordinary files, in a layout `kn` reads."""

import contextlib
import csv
import io
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image

from kerasnotes.base import files
from kerasnotes.base.errors import DataError, StorageError
from kerasnotes.data.choosing import choose
from kerasnotes.data.dataset import (
    Array,
    Dataset,
    ReadsPairs,
    ReadsTexts,
    Split,
)
from kerasnotes.data.fields import Column
from kerasnotes.data.inputs import main_input
from kerasnotes.data.masks.mask_values import unpack_colour
from kerasnotes.data.meaning.columns import LABELS
from kerasnotes.data.readers.folder_names import NOTHING, read_name
from kerasnotes.data.series.windows import WindowSplit
from kerasnotes.data.spec import Spec

_COLOUR = 65_536
"""A set with mask values from here on has packed colours."""
_LARGEST = 2**24 - 1
"""White, as a packed colour."""


def export(
    data: Dataset, folder: Path, part: str = "test", count: int = 50
) -> list[Path]:
    """Writes examples of one part, as readers of files find them again.

    Images with a class go to `<class>/<number>.png`, sequences to
    `<class>/<number>.csv`, images with a mask to
    `images/` and `masks/` with a `classes.txt`, those without a label to
    `<number>.png`, a table to `<name>.csv`, a text for every category, pairs
    of texts to `<name>.tsv`; the rows that a forecast is made from to
    `<number>.csv`.

    Args:
        data: The data set.
        folder: Where to; new, or empty.
        part: `train`, `validation` or `test`.
        count: Examples at most, of as many classes as there is room for.

    Returns:
        The files of inputs, in the order of their examples.

    Raises:
        StorageError: If `folder` holds something, or cannot be written: a
            class may have a name that is too long. Nothing is left then.
        DataError: If the part is empty, or no ordinary file holds its values.
    """
    split, spec = data.split(part), data.spec
    if not len(split):
        raise DataError(f"`{spec.name}` has no {part} part.")
    if spec.target.kind == "next_token":
        raise DataError(
            f"`{spec.name}` is one text: it has no examples of its own.",
            expected="data of several examples",
            received="a language",
        )
    _make_empty(folder)
    rows = choose(split, spec, count)
    with _all_or_nothing(folder):
        if isinstance(split, WindowSplit):
            return _write_windows(split, rows, spec, folder)
        if isinstance(split, ReadsPairs):
            return [_write_pairs(split, rows, spec, folder)]
        if spec.input.kind == "table":
            return [_write_table(split, rows, spec, folder)]
        if spec.target.kind == "mask":
            return _write_masks(split, rows, spec, folder)
        if spec.target.kind == "values":
            raise _no_file_of(spec)
        if spec.target.kind == "none":
            return _write_pictures(split, rows, spec, folder)
        return _write_classes(split, rows, spec, folder)


@contextlib.contextmanager
def _all_or_nothing(folder: Path) -> Iterator[None]:
    """Empties a folder that was empty before, if not all can be written."""
    try:
        yield
    except BaseException as error:
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            place = Path(error.filename or folder)
            raise files.storage_error(place, error, "write") from error
        raise


def _make_empty(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        occupied = any(folder.iterdir())
    except OSError as error:
        raise files.storage_error(folder, error, "write") from error
    if occupied:
        raise StorageError(
            f"`{folder}` is not empty; nothing was overwritten.",
            expected="a new folder, or an empty one",
            received=str(folder),
            hint="name another folder with --export",
        )


def _write_pictures(
    split: Split, rows: list[int], spec: Spec, folder: Path
) -> list[Path]:
    return [
        _write_image(split[row][0], spec, folder / f"{number}")
        for number, row in enumerate(rows)
    ]


def _write_classes(
    split: Split, rows: list[int], spec: Spec, folder: Path
) -> list[Path]:
    names = folder_names(spec.target.classes)
    written: Counter[int] = Counter()
    paths = []
    for row in rows:
        x, y = split[row]
        number = int(y)
        place = folder / names[number]
        place.mkdir(exist_ok=True)
        name = f"{written[number]}"
        if spec.input.kind == "text":
            paths.append(place / f"{name}.txt")
            text = cast(ReadsTexts, split).text(row)
            paths[-1].write_bytes(text.encode("utf-8", "replace"))
        elif spec.of_sequences:
            paths.append(_write_sequence(x, spec, place / f"{name}.csv"))
        else:
            paths.append(_write_image(x, spec, place / name))
        written[number] += 1
    return paths


def _write_sequence(x: Array, spec: Spec, path: Path) -> Path:
    """Writes the rows of a sequence `(T, D)`, those behind its end left out."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(spec.input.names)
    # Of float32, the shortest text that is read as the same number.
    writer.writerows(map(str, row) for row in x[~np.isnan(x).all(axis=1)])
    files.write_text(path, text.getvalue())
    return path


def folder_names(classes: tuple[str, ...]) -> list[str]:
    """Returns a folder's name for each class, no two alike.

    What no folder may be called is replaced: `T-shirt/top` has a slash.
    """
    names: list[str] = []
    taken: set[str] = set()
    for name in classes:
        plain = _plain(name)
        if not plain or read_name(plain) != NOTHING or plain.startswith("__"):
            # Readers pass over such folders, or take them for a layout.
            plain = f"class {plain or len(names)}"
        while plain.lower() in taken:
            plain += "-"
        taken.add(plain.lower())
        names.append(plain)
    return names


def _plain(name: str) -> str:
    return re.sub(r'[/\\:*?"<>|\x00-\x1f]', "-", name).strip(" .")


def _write_masks(
    split: Split, rows: list[int], spec: Spec, folder: Path
) -> list[Path]:
    values = np.asarray(spec.target.mask_values)
    if values.min() < 0 or values.max() > _LARGEST:
        raise DataError(
            "No ordinary image file holds these mask values.",
            expected=f"whole numbers from 0 to {_LARGEST:,}",
            received=f"{values.min():,} to {values.max():,}",
        )
    (folder / "images").mkdir()
    (folder / "masks").mkdir()
    coloured = bool(values.max() >= _COLOUR)
    paths = []
    for number, row in enumerate(rows):
        x, y = split[row]
        paths.append(_write_image(x, spec, folder / "images" / f"{number}"))
        raw = values[y]
        if spec.target.ignore:
            raw = np.where(y < 0, spec.target.ignore[0], raw)
        mask = _as_mask(raw, coloured)
        _save(mask, folder / "masks" / f"{number}.png")
    lines = [
        f"{_value_text(value, coloured)} {' '.join(name.split())}\n"
        for value, name in zip(
            spec.target.mask_values, spec.target.classes, strict=True
        )
    ]
    files.write_text(folder / "classes.txt", "".join(lines))
    return paths


def _as_mask(raw: Array, coloured: bool) -> Array:
    if coloured:
        return unpack_colour(raw)
    return raw.astype("uint8" if raw.max(initial=0) < 256 else "uint16")


def _value_text(value: int, coloured: bool) -> str:
    if not coloured:
        return str(value)
    return ",".join(str(int(part)) for part in unpack_colour(np.array(value)))


def _write_image(x: Array, spec: Spec, stem: Path) -> Path:
    """Writes raw pixels `(H, W, C)`: PNG, or TIFF for floats.

    Black and white of the set become those of the file, as every reader of
    files takes them: digits of 0 to 16 would be all but black otherwise.
    """
    grey = x.shape[-1] == 1
    path = stem.with_name(f"{stem.name}.png")
    if x.dtype == np.float32 and grey:
        path = stem.with_name(f"{stem.name}.tiff")
    elif not (x.dtype == np.uint8 and x.shape[-1] in (1, 3)) and not (
        x.dtype == np.uint16 and grey
    ):
        raise DataError(
            "No ordinary image file holds these pixels.",
            expected="grey images, or 8-bit ones of three channels",
            received=f"{x.dtype}, {x.shape[-1]} channels",
        )
    pixels = _to_file_range(x, spec)
    _save(pixels[..., 0] if grey else pixels, path)
    return path


def _to_file_range(x: Array, spec: Spec) -> Array:
    if x.dtype == np.float32:
        return x
    white, (low, high) = np.iinfo(x.dtype).max, spec.input.limits
    if (low, high) == (0.0, white) or high <= low:
        return x
    part = (x.astype("float64") - low) / (high - low)
    return np.rint(np.clip(part, 0, 1) * white).astype(x.dtype)


def _save(pixels: Array, path: Path) -> None:
    with files.replacing(path) as part:
        Image.fromarray(pixels).save(part)


def label_names(spec: Spec) -> tuple[str, ...]:
    """Returns what the columns of labels are called in a table's file."""
    if spec.target.kind == "values":
        return spec.target.names
    free = (*LABELS, "_label")
    return (next(name for name in free if name not in spec.input.names),)


def _no_file_of(spec: Spec) -> DataError:
    return DataError(
        f"No ordinary file holds the measured values of `{spec.name}`.",
        expected="rows of a table",
        received=f"{spec.input.kind}s",
    )


def _write_windows(
    split: WindowSplit, rows: list[int], spec: Spec, folder: Path
) -> list[Path]:
    """Writes what each forecast is made from, with its times.

    Of the rows to forecast it is what is planned, as `kn predict` needs it.
    """
    paths = []
    for number, row in enumerate(rows):
        x, _ = split[row]
        past = main_input(x, spec.input)
        times = [str(time).replace("T", " ") for time in split.times(row)]
        heads = [spec.input.time or "time"] if times else []
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*heads, *spec.input.names])
        cells = [list(map(str, values)) for values in past]
        cells += _planned(x, spec)
        for place, told in enumerate(cells):
            writer.writerow([*times[place : place + 1], *told])
        paths.append(folder / f"{number}.csv")
        files.write_text(paths[-1], text.getvalue())
    return paths


def _planned(x: Any, spec: Spec) -> list[list[str]]:
    """Returns rows to forecast with nothing but what is planned in them."""
    names = spec.planned
    if not names:
        return []
    return [
        [
            str(values[names.index(name)]) if name in names else ""
            for name in spec.input.names
        ]
        for values in x["future"]
    ]


def _cell(value: Array, column: Column) -> str:
    """Returns a number or a category as text; nothing if it is unknown."""
    if not column.categories:
        # Of float32, the shortest text that is read as the same number.
        return str(value)
    return column.categories[int(value) - 1] if value else ""


def _write_table(
    split: Split, rows: list[int], spec: Spec, folder: Path
) -> Path:
    columns = spec.input.columns
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*spec.input.names, *label_names(spec)])
    for row in rows:
        x, y = split[row]
        cells = [
            _cell(value, column)
            for value, column in zip(x, columns, strict=True)
        ]
        measured = spec.target.kind == "values"
        told = map(str, y) if measured else [spec.target.classes[int(y)]]
        writer.writerow([*cells, *told])
    path = folder / f"{_plain(spec.name) or 'table'}.csv"
    files.write_text(path, text.getvalue())
    return path


def _write_pairs(
    split: ReadsPairs, rows: list[int], spec: Spec, folder: Path
) -> Path:
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow([field.name for field in (spec.input, spec.target)])
    writer.writerows([split.text(r), split.translation(r)] for r in rows)
    path = folder / f"{_plain(spec.name) or 'pairs'}.tsv"
    files.write_text(path, text.getvalue())
    return path
