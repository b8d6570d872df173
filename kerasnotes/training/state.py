"""What `--resume` needs, in one file that is written whole or not at all.

    state/00000420.h5   after 420 optimizer steps; the last two are kept

Variables are stored by position (the model's) and by path (the
optimizer's), so that another backend, whose seeds and dtypes differ, or an
optimizer that accumulates gradients, reads what it can use.
"""

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from kerasnotes.base import files
from kerasnotes.base.errors import DivergedError, StorageError
from kerasnotes.base.types import Array
from kerasnotes.contracts.model import KerasModel

MOST_STATES = 2
PACE = "pace"
"""Name of the variable that only a run with a time limit has."""
DAMAGE = (OSError, RuntimeError, KeyError, ValueError, TypeError)
"""What h5py and JSON raise when a file is damaged."""


@dataclasses.dataclass
class Progress:
    """How far a run has come.

    Args:
        epoch: Finished epochs.
        step: Finished steps of the epoch after those.
        steps_per_epoch: Steps of a whole epoch.
        history: One row of numbers per finished epoch.
        best: Largest value of the monitored metric.
        best_epoch: The epoch that had it, from 1; 0 if none yet, and not
            whole if the time limit cut it short.
        wait: Epochs since then.
        seconds: Training time so far, all sessions together.
        parts: Batches accumulated per optimizer step.
        stage: Which of the run's optimizers is at work, from 0.
    """

    epoch: int = 0
    step: int = 0
    steps_per_epoch: int = 0
    history: list[dict[str, float]] = dataclasses.field(default_factory=list)
    best: float = float("-inf")
    best_epoch: float = 0
    wait: int = 0
    seconds: float = 0.0
    parts: int = 1
    stage: int = 0

    @property
    def steps_done(self) -> int:
        return self.epoch * self.steps_per_epoch + self.step

    @property
    def epochs_done(self) -> float:
        """Epochs done, the part of the last one included."""
        if not self.step:
            return self.epoch
        return self.epoch + self.step / self.steps_per_epoch


def save(
    folder: Path,
    model: KerasModel,
    progress: Progress,
    best_weights: list[Array] | None,
) -> Path:
    """Writes the state and removes all but the last two.

    Raises:
        DivergedError: If a weight is not finite; nothing is written.
        StorageError: If the file cannot be written.
    """
    weights = [to_numpy(v) for v in model.variables]
    if not all(np.isfinite(w).all() for w in weights if w.dtype.kind == "f"):
        raise DivergedError("The weights are no longer finite.")
    path = folder / f"{progress.steps_done:08d}.h5"
    with _written(path) as file:
        file.attrs["progress"] = json.dumps(dataclasses.asdict(progress))
        _write(file.create_group("model"), weights)
        _write(file.create_group("optimizer"), _optimizer_arrays(model))
        if progress.step:
            metrics = [to_numpy(v) for v in model.metrics_variables]
            _write(file.create_group("metrics"), metrics)
        if best_weights is not None:
            _write(file.create_group("best"), best_weights)
    for old in list_states(folder)[:-MOST_STATES]:
        old.unlink(missing_ok=True)
    return path


@contextlib.contextmanager
def _written(path: Path) -> Iterator[h5py.File]:
    """Yields the file to write into; it appears whole or not at all."""
    try:
        path.parent.mkdir(exist_ok=True)
        with files.replacing(path) as part, h5py.File(part, "w") as file:
            yield file
    except OSError as error:
        raise files.storage_error(path.parent, error, "write") from error
    except RuntimeError as error:
        # h5py raises this one when the disk fills up while a file closes.
        raise StorageError(
            f"Cannot write {path}.",
            received=str(error).strip().split("\n")[0][:200],
            hint="free some space; what was there before is kept",
        ) from error


def _optimizer_arrays(model: KerasModel) -> dict[str, Array]:
    optimizer = model.optimizer
    return {slot_name(v): to_numpy(v) for v in optimizer.variables}


def slot_name(variable: Any) -> str:
    """Returns a variable's path without the optimizer's own, counted name."""
    return str(variable.path).partition("/")[2].replace("/", "|")


def to_numpy(variable: Any) -> Array:
    """Returns a copy of a variable; bfloat16 as float32, which h5py knows."""
    # Torch and JAX hand out views of memory that the next step overwrites.
    value = np.array(keras.ops.convert_to_numpy(variable.value), copy=True)
    return value if value.dtype.kind in "fiub" else value.astype("float32")


def _write(group: h5py.Group, arrays: Any) -> None:
    named = arrays.items() if isinstance(arrays, dict) else enumerate(arrays)
    for name, array in named:
        group.create_dataset(str(name), data=array)


def list_states(folder: Path) -> list[Path]:
    """Returns the states in `folder`, oldest first."""
    return sorted(folder.glob("[0-9]*.h5"))


def latest(folder: Path) -> Path:
    """Returns the newest state that is whole.

    Raises:
        StorageError: If there is none.
    """
    for path in reversed(list_states(folder)):
        if h5py.is_hdf5(path):
            return path
    raise StorageError(
        f"There is no checkpoint in {folder}; nothing was restarted.",
        expected="a file such as 00000420.h5, written while training",
        received="an empty folder" if folder.is_dir() else "no such folder",
        hint="train anew with `kn fit NAME`",
    )


def read_progress(path: Path) -> Progress:
    """Reads how far the run had come.

    Raises:
        StorageError: If the file is damaged.
    """
    try:
        with h5py.File(path, "r") as file:
            return Progress(**json.loads(file.attrs["progress"]))
    except DAMAGE as error:
        raise _damaged(path, str(error)) from error


def _damaged(path: Path, detail: str) -> StorageError:
    return StorageError(
        f"The checkpoint {path} cannot be used.",
        received=detail,
        hint=f"delete {path.name}: --resume then takes the one before it",
    )


def restore(
    path: Path, model: KerasModel, parts: int = 1, stage: int = 0
) -> list[Array] | None:
    """Sets the model's and optimizer's variables; returns the best weights.

    Args:
        path: A state file.
        model: Compiled model of the same configuration.
        parts: Batches accumulated per optimizer step from now on.
        stage: Which of the run's optimizers the model has; one that has not
            moved yet stays as it is.

    Raises:
        StorageError: If the file does not fit the model.
    """
    try:
        with h5py.File(path, "r") as file:
            progress = json.loads(file.attrs["progress"])
            assign(model.variables, _read_list(file["model"]))
            factor = parts / progress["parts"]
            if progress.get("stage", 0) == stage:
                _assign_slots(model.optimizer, file["optimizer"], factor)
            return _read_list(file["best"]) if "best" in file else None
    except DAMAGE as error:
        raise _damaged(path, str(error)) from error


def restore_metrics(path: Path, model: KerasModel) -> None:
    """Sets the running metrics of an epoch that was left half-way.

    Raises:
        StorageError: If the file is damaged.
    """
    try:
        with h5py.File(path, "r") as file:
            if "metrics" in file:
                assign(model.metrics_variables, _read_list(file["metrics"]))
    except DAMAGE as error:
        raise _damaged(path, str(error)) from error


def _read_list(group: h5py.Group) -> list[Array]:
    return [group[str(index)][()] for index in range(len(group))]


def assign(variables: list[Any], arrays: list[Array]) -> None:
    """Sets variables to arrays of the same shapes, in order.

    Raises:
        ValueError: If numbers or shapes differ.
    """
    if len(variables) != len(arrays):
        raise ValueError(f"{len(arrays)} arrays for {len(variables)} variables")
    for variable, array in zip(variables, arrays, strict=True):
        if tuple(variable.shape) != array.shape:
            raise ValueError(
                f"{variable.path} has shape {tuple(variable.shape)}, "
                f"the checkpoint {array.shape}"
            )
        variable.assign(array.astype(variable.dtype))


def _assign_slots(optimizer: Any, group: h5py.Group, factor: float) -> None:
    for variable in optimizer.variables:
        name = slot_name(variable)
        if name in group:
            array = group[name][()]
            if name.split("|")[-1] == "iteration":
                # Counts accumulated batches, not optimizer steps.
                array = np.asarray(round(int(array) * factor))
            variable.assign(array.astype(variable.dtype))
        elif "accumulat" not in name and name != PACE:
            raise KeyError(f"no value for the optimizer's {name}")
