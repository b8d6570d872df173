"""A run's folder: what lies in it, and how it is found again.

    model.keras       best weights, no optimizer, loads on any backend
    last.keras        the last weights, where another epoch's are the best
    snapshot1.keras   the weights at the end of each cycle of a cyclic rate
    run.json          everything told, chosen and measured (`Record`)
    history.csv       one line an epoch
    *.png             curves, predictions, the task's figures
    state/            what --resume needs

`run.json` and the `kerasnotes.json` inside `model.keras` hold the same
record, so that every verb takes a folder or a bare `.keras` file.
"""

import dataclasses
import glob
import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kerasnotes.base import files
from kerasnotes.base.commands import command
from kerasnotes.base.errors import StorageError
from kerasnotes.runs.archive import archive

FORMAT = 1
ROOT = Path("ckpts")
"""Where runs go, and are looked for by their bare names."""
RESUMED = ("config", "data", "environment")
"""Objects in a record that `--resume` reads."""
Record = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Run:
    """An existing run.

    Args:
        folder: Where it lies.
    """

    folder: Path

    @property
    def model_path(self) -> Path:
        return self.folder / "model.keras"

    @property
    def last_path(self) -> Path:
        return self.folder / "last.keras"

    def snapshot_path(self, number: int) -> Path:
        """Where the weights at the end of a cycle lie; counted from 1."""
        return self.folder / f"snapshot{number}.keras"

    @property
    def record_path(self) -> Path:
        return self.folder / "run.json"

    @property
    def state_folder(self) -> Path:
        return self.folder / "state"

    def read_record(self, *blocks: str) -> Record:
        """Returns what `run.json` says.

        Args:
            *blocks: Objects that must be in it.

        Raises:
            StorageError: If it cannot be read, or is not a run's record.
        """
        record: Any = files.read_json(self.record_path)
        entries: Record = record if isinstance(record, dict) else {}
        whole = all(isinstance(entries.get(block), dict) for block in blocks)
        if entries is not record or not whole:
            raise StorageError(
                f"{self.record_path} is not the whole record of a run.",
                expected=", ".join(["an object", *blocks]),
                received=", ".join(entries) or type(record).__name__,
                hint="bring the file back, or train anew with `kn fit NAME`",
            )
        return dict(entries)

    def write_record(self, record: Record) -> None:
        files.write_json(self.record_path, record)


def create(out: Path | None, name: str, root: Path = ROOT) -> Run:
    """Makes the new, empty folder of a run.

    Args:
        out: The folder itself; by default the next free `root/name`,
            `root/name-2`, ...
        name: The note's name.
        root: Where runs go by default.

    Raises:
        StorageError: If it holds something already, or cannot be written.
    """
    if out is not None:
        return _create_at(out)
    for number in itertools.count(1):
        folder = root / (name if number == 1 else f"{name}-{number}")
        try:
            root.mkdir(parents=True, exist_ok=True)
            folder.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            raise files.storage_error(folder, error, "write") from error
        return Run(folder)
    raise RuntimeError("unreachable")


def _create_at(folder: Path) -> Run:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise files.storage_error(folder, error, "write") from error
    check_empty(folder)
    if not os.access(folder, os.W_OK):
        raise StorageError(f"{folder} cannot be written.")
    return Run(folder)


def check_empty(folder: Path) -> None:
    """Refuses to put a run into a folder that holds something.

    Raises:
        StorageError: If it does, or is no folder.
    """
    try:
        occupied = folder.exists() and any(folder.iterdir())
    except OSError as error:
        raise files.storage_error(folder, error, "write") from error
    if occupied:
        raise StorageError(
            f"`{folder}` is not empty; nothing was overwritten.",
            hint="choose another --out, or "
            f"`{command('fit', '--resume', folder)}`",
        )


def find_run(
    path: Path,
    tell: Callable[[str], None] = lambda line: None,
    root: Path = ROOT,
) -> Path:
    """Returns the run that a bare name means: `unet`, for `ckpts/unet`.

    What is there under the name itself goes first, and a later `unet-2` is
    never taken for `unet`.

    Args:
        path: As the user wrote it; any other than a name is left alone.
        tell: Told which run was taken, and of later ones.
        root: Where runs lie.
    """
    run = root / path
    if len(path.parts) != 1 or path.is_file() or is_run(path):
        return path
    if not is_run(run):
        return path
    later = [other.name for other in _numbered(run) if _age(other) > _age(run)]
    newer = f" (newer: {', '.join(sorted(later))})" if later else ""
    tell(f"`{path}` is {run} here{newer}.")
    return run


def is_run(folder: Path) -> bool:
    """Returns whether a folder holds a run."""
    return (folder / "run.json").is_file()


def _numbered(run: Path) -> list[Path]:
    found = run.parent.glob(f"{glob.escape(run.name)}-*")
    return [
        other
        for other in found
        if other.name.removeprefix(f"{run.name}-").isdecimal() and is_run(other)
    ]


def _age(run: Path) -> float:
    return (run / "run.json").stat().st_mtime


def open_run(folder: Path) -> Run:
    """Returns the run in `folder`.

    Raises:
        StorageError: If there is none.
    """
    if not is_run(folder):
        raise StorageError(
            f"There is no run in `{folder}`.",
            expected="a folder that `kn fit` wrote, with run.json in it, or a "
            ".keras file",
            received="no such folder" if not folder.exists() else str(folder),
            hint="`kn runs` lists them; `kn fit NAME` makes one",
        )
    return Run(folder)


def find_model(path: Path) -> tuple[Path, Record]:
    """Returns the model file and record of a run's folder or `.keras` file.

    Raises:
        StorageError: If `path` is neither, or its model cannot be read.
    """
    if path.suffix == ".keras" and not path.is_dir():
        return path, archive.read_record(path)
    run = open_run(path)
    if not run.model_path.is_file():
        raise StorageError(
            f"The run in {path} has no model yet.",
            hint=f"`{command('fit', '--resume', path)}` goes on with it",
        )
    return run.model_path, run.read_record()
