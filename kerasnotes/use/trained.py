"""A trained model and what is known of it, opened from its file."""

import dataclasses
import functools
import numbers
from pathlib import Path
from typing import Any

import pydantic

from kerasnotes.base.commands import command
from kerasnotes.base.config import TrainConfig
from kerasnotes.base.errors import StorageError, UsageError
from kerasnotes.data.held.arrays import InMemory
from kerasnotes.data.spec import Spec
from kerasnotes.data.text.tokenizer import check
from kerasnotes.notes import require
from kerasnotes.runs.archive.weights_digest import weights_digest
from kerasnotes.runs.run import Record, find_model
from kerasnotes.tasks.base import Task
from kerasnotes.tasks.catalog import make_task

BATCH_SIZE = 32


@dataclasses.dataclass(frozen=True, repr=False)
class Trained:
    """A model ready for use.

    Args:
        path: The run's folder, or the `.keras` file.
        file: The model's file.
        model: The network.
        record: What is known about its training.
        task: What its output means.
        arrays: What it was trained on, if that is in memory.
        remarks: What was guessed, of a file that has no record.
    """

    path: Path
    file: Path
    model: Any
    record: Record
    task: Task
    arrays: InMemory | None = None
    remarks: tuple[str, ...] = ()

    @property
    def spec(self) -> Spec:
        """What it was trained on: shapes, classes, columns."""
        return self.task.spec

    @property
    def note(self) -> str:
        """The note's name."""
        return str(self.record.get("note", type(self.model).__name__.lower()))

    @property
    def folder(self) -> Path | None:
        """The run's folder; `None` of a bare file."""
        return self.path if self.path.is_dir() else None

    @property
    def batch_size(self) -> int:
        """Examples at once, as in training."""
        train = self.record.get("config", {}).get("train", {})
        return int(train.get("batch_size", BATCH_SIZE))

    def at_once(self, batch_size: Any) -> int:
        """Returns how many examples to answer at once.

        Args:
            batch_size: What the user wants; `None` is as in training.

        Raises:
            UsageError: If that is no number of examples.
        """
        if batch_size is None:
            return self.batch_size
        whole = isinstance(batch_size, numbers.Integral)
        if isinstance(batch_size, bool) or not whole or batch_size < 1:
            raise UsageError(
                "A batch holds at least one example.",
                expected="a whole number of at least 1",
                received=f"batch_size={batch_size!r}",
            )
        return int(batch_size)

    @functools.cached_property
    def weights(self) -> str:
        """Digest of the weights in the file."""
        return weights_digest(self.file)


def task_of(path: Path) -> str | None:
    """Returns a run's task, before its model is loaded.

    Raises:
        StorageError: If there is no run.
    """
    task = find_model(path)[1].get("task")
    return None if task is None else str(task)


def check_generates(path: Path, task: str | None = None) -> None:
    """Refuses a run that draws no examples, before its model is loaded.

    Args:
        path: A run's folder, or a `.keras` file.
        task: Its task, if that is known.

    Raises:
        StorageError: If there is no run.
        UsageError: If it is of another kind.
    """
    task = task or task_of(path)
    if task != "generation":
        raise UsageError(
            f"{path} does not draw examples.",
            expected="a run of a generator, or of a language: `kn list`",
            received=f"a run for {task}",
            hint=f"{command('predict', path)} FILE",
        )


def open_trained(path: Path) -> Trained:
    """Loads the model of a run's folder or of a `.keras` file.

    Raises:
        StorageError: If there is none, or it is none of ours.
    """
    file, record = find_model(path)
    require(record, path)
    try:
        spec = Spec.from_json(record["spec"])
        name = record["task"]
    except (KeyError, TypeError) as error:
        raise StorageError(
            f"{path} does not say what its model was trained on.",
            expected="a record with `task` and `spec`, as `kn fit` writes it",
            received=f"{type(error).__name__}: {error}",
            hint=f"`{command('show', path)}` looks inside",
        ) from error
    if spec.input.kind == "text":
        _check_tokenizer(spec, path)
    # This imports Keras: not before a backend is chosen.
    from kerasnotes.runs.saving import load_model

    task = make_task(name, spec, _aims(record))
    return Trained(path, file, load_model(file), record, task)


def _check_tokenizer(spec: Spec, path: Path) -> None:
    try:
        check(spec.input.tokenizer, spec.input.vocabulary)
        if spec.target.kind == "sequence":
            # One more number ends a target.
            check(spec.target.tokenizer, spec.target.vocabulary - 1)
    except ValueError as error:
        raise StorageError(
            f"{path} holds no tokenizer of its model.",
            expected="the one that it was trained with",
            received=str(error),
        ) from None


def _aims(record: dict[str, Any]) -> TrainConfig | None:
    """Returns how it was trained, as far as this version knows the words."""
    told = record.get("config", {}).get("train", {})
    known = {k: v for k, v in told.items() if k in TrainConfig.model_fields}
    try:
        return TrainConfig.model_validate(known)
    except pydantic.ValidationError:
        return None
