"""A run's folder: what lies in it, and how it is found again.

    model.keras       best weights, no optimizer, loads on any backend
    run.json          everything told, chosen and measured (`Record`)
    history.csv       one line an epoch
    *.png             curves, predictions, the task's figures
    state/            what --resume needs

`run.json` and the `kerasnotes.json` inside `model.keras` hold the same
record, so that every verb takes a folder or a bare `.keras` file.
"""

import dataclasses
import itertools
import os
from pathlib import Path
from typing import Any

from kerasnotes.base import files
from kerasnotes.base.errors import StorageError
from kerasnotes.runs.archive import archive

FORMAT = 1
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


def create(out: Path | None, name: str, root: Path = Path("ckpts")) -> Run:
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
        occupied = any(folder.iterdir())
    except OSError as error:
        raise files.storage_error(folder, error, "write") from error
    if occupied:
        raise StorageError(
            f"`{folder}` is not empty; nothing was overwritten.",
            hint=f"choose another --out, or `kn fit --resume {folder}`",
        )
    if not os.access(folder, os.W_OK):
        raise StorageError(f"{folder} cannot be written.")
    return Run(folder)


def open_run(folder: Path) -> Run:
    """Returns the run in `folder`.

    Raises:
        StorageError: If there is none.
    """
    if not (folder / "run.json").is_file():
        raise StorageError(
            f"There is no run in `{folder}`.",
            expected="a folder that `kn fit` wrote, with run.json in it",
            received="no such folder" if not folder.exists() else str(folder),
            hint="`ls ckpts` shows the runs; `kn fit NAME` makes one",
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
            hint=f"`kn fit --resume {path}` goes on with it",
        )
    return run.model_path, run.read_record()
