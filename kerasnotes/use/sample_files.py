"""Where `kn sample` puts what it drew, decided before anything is drawn."""

import dataclasses
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.base.files import replacing, storage_error, write_text
from kerasnotes.contracts.generation import Generated
from kerasnotes.figures import sample_grid
from kerasnotes.tasks.generation import Generation
from kerasnotes.tasks.outputs import to_csv

TRAJECTORY_ROWS = 10
"""Examples whose trajectory is shown in a strip."""
_OTHER_FILES = (".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp")

Text = Mapping[str, str]


@dataclasses.dataclass(frozen=True)
class OutputRequest:
    """Which files a user wants.

    Args:
        out: A `.png`, `.npz` or `.csv` file or a folder; by default the
            next free `NAME-samples` here.
        trajectory: File for it, or `None`.
        grid: Whether a grid is wanted; `None` if not said.
    """

    out: Path | None = None
    trajectory: Path | None = None
    grid: bool | None = None


@dataclasses.dataclass(frozen=True)
class Places:
    """What is written, and where; `None` is not written.

    Args:
        grid: One PNG of all examples.
        folder: A file for each example.
        values: `.csv` or `.npz` of raw values.
        way: `.png`, `.gif` or `.npz` of the way there.
    """

    grid: Path | None = None
    folder: Path | None = None
    values: Path | None = None
    way: Path | None = None


def plan(
    output: OutputRequest, *, name: str, table: bool, count: int
) -> Places:
    """Decides what goes where.

    Args:
        output: As the user said it.
        name: Of the run.
        table: Whether examples are rows of a table.
        count: How many examples.

    Raises:
        UsageError: If the wishes do not go together.
        StorageError: If a folder is not empty.
    """
    out, trajectory, grid = output.out, output.trajectory, output.grid
    _check_trajectory(trajectory, table)
    suffix = "" if out is None or out.is_dir() else out.suffix.lower()
    if suffix in _OTHER_FILES or (suffix == ".csv" and not table):
        raise UsageError(
            f"Samples are not written as {suffix}.",
            expected=".csv, .npz, .png or a folder"
            if table
            else ".png, .npz or a folder",
            received=f"--out {out}",
        )
    if out is None:
        return dataclasses.replace(_default(name, grid, table), way=trajectory)
    if suffix == ".png":
        if grid is False and (count > 1 or table):
            raise UsageError(
                f"{count} samples do not fit into one PNG without a grid.",
                hint=f"--out {out.with_suffix('')} writes a file for each",
            )
        return Places(grid=out, way=trajectory)
    if suffix in (".npz", ".csv"):
        picture = out.with_suffix(".png") if grid else None
        return Places(grid=picture, values=out, way=trajectory)
    _check_empty(out)
    picture = None if grid is False else out / "grid.png"
    if table:
        return Places(grid=picture, values=out / "samples.csv", way=trajectory)
    return Places(grid=picture, folder=out, way=trajectory)


def _default(name: str, grid: bool | None, table: bool) -> Places:
    """Returns the next free names in the present folder."""
    for number in itertools.count(1):
        stem = f"{name}-samples" + (f"-{number}" if number > 1 else "")
        taken = [Path(stem + end) for end in ("", ".png", ".csv")]
        if any(path.exists() for path in taken):
            continue
        folder, picture, rows = taken
        if table:
            return Places(None if grid is False else picture, None, rows)
        return Places(folder=folder) if grid is False else Places(picture)
    raise RuntimeError("unreachable")


def _check_trajectory(path: Path | None, table: bool) -> None:
    if path is None:
        return
    suffixes = (".npz",) if table else (".png", ".gif", ".npz")
    if path.suffix.lower() not in suffixes or path.is_dir():
        raise UsageError(
            f"The trajectory cannot be written as {path.name}.",
            expected="a file that ends in " + " or ".join(suffixes),
            received=f"--trajectory {path}",
        )


def _check_empty(folder: Path) -> None:
    try:
        occupied = folder.exists() and any(folder.iterdir())
    except OSError as error:
        raise storage_error(folder, error, "write") from error
    if occupied:
        raise StorageError(
            f"`{folder}` is not empty; nothing was overwritten.",
            hint="choose another --out",
        )


def write(
    places: Places, generated: Generated, task: Generation, text: Text
) -> list[Path]:
    """Writes everything; each file appears whole or not at all.

    Args:
        places: What goes where.
        generated: What was drawn.
        task: Draws grids.
        text: Written into every PNG: the recipe.

    Returns:
        The files of single examples.

    Raises:
        StorageError: If something cannot be written.
    """
    for path in (places.folder, *_parents(places)):
        if path is not None:
            _make(path)
    if places.grid is not None:
        _write_grid(places.grid, generated, task, text)
    if places.values is not None:
        _write_values(places.values, generated, task)
    if places.way is not None:
        _write_trajectory(places.way, generated, task, text)
    if places.folder is None:
        return []
    return _write_single(places.folder, generated, task, text)


def _parents(places: Places) -> list[Path]:
    files = (places.grid, places.values, places.way)
    return [file.parent for file in files if file is not None]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(folder, error, "write") from error


def _write_grid(
    path: Path, generated: Generated, task: Generation, text: Text
) -> None:
    if task.spec.input.kind == "image":
        picture = task.grid(generated)
        if len(generated.values) == 1:
            picture = sample_grid.to_bytes(
                generated.values[0], task.spec.input.limits
            )
        sample_grid.save_png(picture, path, text)
        return
    task.draw(generated, None, path, text)


def _write_single(
    folder: Path, generated: Generated, task: Generation, text: Text
) -> list[Path]:
    pictures = sample_grid.to_bytes(generated.values, task.spec.input.limits)
    paths = []
    for number, picture in enumerate(pictures):
        path = folder / f"{number:05d}.png"
        sample_grid.save_png(picture, path, text)
        paths.append(path)
    return paths


def _write_values(path: Path, generated: Generated, task: Generation) -> None:
    """Writes raw values: arrays `x` and, of classes asked for, `y`."""
    labels = generated.labels
    if path.suffix.lower() == ".npz":
        arrays: dict[str, Any] = {"x": generated.values}
        if labels is not None:
            arrays["y"] = np.asarray(labels, "int32")
        _save_arrays(path, arrays)
        return
    rows: list[dict[str, Any]] = []
    for number, values in enumerate(generated.values):
        row: dict[str, Any] = dict(
            zip(task.spec.input.names, values.tolist(), strict=True)
        )
        if labels is not None:
            row["class"] = task.spec.target.classes[int(labels[number])]
        rows.append(row)
    write_text(path, to_csv(rows))


def _write_trajectory(
    path: Path, generated: Generated, task: Generation, text: Text
) -> None:
    trajectory = generated.trajectory
    if trajectory is None:
        raise UsageError("This generator has no way to show.")
    if path.suffix.lower() == ".npz":
        _save_arrays(path, {"trajectory": trajectory})
        return
    if path.suffix.lower() == ".gif":
        frames = [
            task.grid(dataclasses.replace(generated, values=values))
            for values in trajectory
        ]
        sample_grid.save_gif(frames, path)
        return
    rows = np.swapaxes(trajectory[:, :TRAJECTORY_ROWS], 0, 1)
    pictures = sample_grid.to_bytes(rows, task.spec.input.limits)
    strip = pictures.reshape(-1, *pictures.shape[2:])
    sample_grid.save_png(sample_grid.tile(strip, len(trajectory)), path, text)


def _save_arrays(path: Path, arrays: dict[str, Any]) -> None:
    with replacing(path) as part, open(part, "wb") as file:
        np.savez_compressed(file, **arrays)
