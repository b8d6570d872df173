"""Whatever a path holds, opened: a run of ours, or a file of plain Keras.

Imports no framework before everything is refused that can be.
"""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from kerasnotes.base.errors import UsageError
from kerasnotes.data.load import needs_keras
from kerasnotes.notes import require
from kerasnotes.runs.archive.archive import is_bare
from kerasnotes.runs.run import find_model
from kerasnotes.runtime.setup import setup
from kerasnotes.use.foreign.reading import read_foreign
from kerasnotes.use.foreign.told import FileDescription

if TYPE_CHECKING:
    from kerasnotes.use.trained_run import TrainedRun


def open_path(
    path: Path,
    description: FileDescription,
    backend: str | None,
    precision: str | None,
) -> "TrainedRun":
    """Starts the framework and loads a model.

    Args:
        path: A run's folder, or a `.keras` file.
        description: What the user says of a file that Keras alone wrote.
        backend: Which framework; `None` for the best.
        precision: Which arithmetic; `None` for the best.

    Raises:
        StorageError: If there is none, or it cannot be read.
        UsageError: If the backend cannot be had, if its model fits no task,
            or if something is said of a run that says it itself.
        DataError: If the data do not fit a file's model.
    """
    if is_bare(path):
        return _open_foreign(path, description, backend, precision)
    require(find_model(path)[1], path)
    check_no_description(path, description)
    setup(backend, precision)
    from kerasnotes.use.trained_run import open_run

    return open_run(path)


def _open_foreign(
    path: Path,
    description: FileDescription,
    backend: str | None,
    precision: str | None,
) -> "TrainedRun":
    if isinstance(description.data, str) and needs_keras(description.data):
        # Keras downloads the data: on the backend that is asked for.
        setup(backend, precision)
    foreign = read_foreign(path, description)
    setup(backend, precision)
    from kerasnotes.use.foreign.model import open_foreign

    return open_foreign(foreign)


def check_no_description(path: Path, description: FileDescription) -> None:
    """Raises a `UsageError` if anything is said of a run that has a record."""
    for field in dataclasses.fields(description):
        if getattr(description, field.name) is not None:
            raise UsageError(
                f"{path} says itself what its answers mean.",
                expected="a .keras file without a record of kerasnotes",
                received=f"--{field.name} (`{field.name}` in Python)",
                hint="leave it out",
            )
