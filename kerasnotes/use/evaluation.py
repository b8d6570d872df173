"""Using a trained model: measuring it on data, answering for files."""

import contextlib
import dataclasses
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kerasnotes.base import config as cfg
from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import (
    DataError,
    OutOfMemoryError,
    StorageError,
    UsageError,
)
from kerasnotes.base.types import Progress
from kerasnotes.contracts.report import Conditions, Prediction, Report
from kerasnotes.data.dataset import Dataset, Split
from kerasnotes.data.load import load
from kerasnotes.data.spec import Spec
from kerasnotes.notes import require
from kerasnotes.runs.run import Record, find_model
from kerasnotes.runs.saving import load_model
from kerasnotes.runtime.memory import is_out_of_memory
from kerasnotes.tasks.base import Task
from kerasnotes.tasks.catalog import make_task
from kerasnotes.tasks.inputs import check_images, find_files
from kerasnotes.tasks.matching import Joined, check_inputs, match

BATCH_SIZE = 32
FILES = 32
"""Files answered at once: what their pictures take stays in memory."""
SPLITS = ("train", "validation", "test")


@dataclasses.dataclass(frozen=True)
class Trained:
    """A model ready for use.

    Args:
        path: As the user named it: a run's folder or a `.keras` file.
        model: The network.
        record: What is known about its training.
        task: What its output means.
    """

    path: Path
    model: Any
    record: Record
    task: Task

    @property
    def spec(self) -> Spec:
        return self.task.spec


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
            hint=f"`kn show {path}` looks inside",
        ) from error
    return Trained(path, load_model(file), record, make_task(name, spec))


def evaluate(
    path: Path,
    *,
    source: str | None = None,
    split: str = "test",
    other: str | None = None,
    batch_size: int | None = None,
    conditions: Conditions | None = None,
) -> tuple[Record, Report]:
    """Measures a trained model.

    Args:
        path: A run's folder or a `.keras` file.
        source: Data source; by default what the model was trained on.
        split: `train`, `validation`, `test`, or `all` three as one.
        other: Source of examples that are of another kind (`--ood`).
        batch_size: Examples at once; by default as in training.
        conditions: How to measure; data and batch size are filled in here.

    Returns:
        The model's record, with `evaluation` added (`data`, `split`,
        `examples`, `remarks`), and the report; its figures hold
        `predictions` too.

    Raises:
        DataError: If the data does not fit the model.
        OutOfMemoryError: If a batch does not fit into memory.
        StorageError: If there is no such model.
    """
    trained = open_trained(path)
    data = _data_config(trained, source)
    dataset = load(data)
    part = _take_split(dataset, split, data.source)
    part = match(part, dataset.spec, trained.spec)
    conditions = _fill(conditions or Conditions(), trained, other)
    conditions = dataclasses.replace(
        conditions,
        batch_size=batch_size or _trained_batch_size(trained.record),
        train=match(dataset.train, dataset.spec, trained.spec),
    )
    # The sizes are the data's, the classes the model's.
    spec = dataclasses.replace(trained.spec, shape=dataset.spec.shape)
    task = make_task(trained.task.name, spec)
    with explain_memory(conditions.batch_size):
        report = task.evaluate(trained.model, part, conditions)
    draw = functools.partial(task.draw_predictions, trained.model, part)
    report = dataclasses.replace(
        report, figures={task.picture: draw, **report.figures}
    )
    told = {
        "data": data.source,
        "split": split,
        "examples": len(part),
        "remarks": [*_remarks(trained, dataset, source), *report.remarks],
    }
    return {**trained.record, "evaluation": told}, report


def _fill(given: Conditions, trained: Trained, other: str | None) -> Conditions:
    """Checks that the task understands what is given, and loads `other`."""
    named = {"other": other, "samples": given.samples, "request": given.request}
    if given.seed and not trained.task.options:
        named["seed"] = given.seed
    for name, value in named.items():
        if value is not None and name not in trained.task.options:
            raise UsageError(
                f"The task {trained.task.name} has no use for "
                f"{_OPTION_NAMES[name]}.",
                hint=f"leave it out: kn eval {trained.path}",
            )
    folder = trained.path if trained.path.is_dir() else None
    given = dataclasses.replace(given, folder=folder)
    if other is None:
        return given
    held = load(_data_config(trained, other))
    check_inputs(held.spec, trained.spec)
    part = _take_split(held, "test" if len(held.test) else "all", other)
    return dataclasses.replace(given, other=(other, part))


_OPTION_NAMES = {
    "other": "--ood",
    "samples": "--samples",
    "request": "--sampler, --schedule, --steps, --guidance or --eta",
    "seed": "--seed",
}


def _data_config(trained: Trained, source: str | None) -> DataConfig:
    recorded = dict(trained.record.get("config", {}).get("data", {}))
    if not recorded and source is None:
        raise DataError(
            f"{trained.path} does not say which data it was trained on.",
            hint="name a data source with --data",
        )
    if source is None or source == recorded.get("source"):
        return cfg.build(DataConfig, recorded, "data")
    values: dict[str, Any] = {"source": source}
    if Path(source).suffix == Path(str(recorded.get("source"))).suffix:
        values["target"] = recorded.get("target")
    spec = trained.spec
    if spec.input == "image" and spec.target == "class" and spec.shape[0]:
        # Class folders are read at the size that the model was trained on.
        values["image_size"] = max(8, spec.shape[0])
    return cfg.build(DataConfig, values, "data")


def _take_split(dataset: Dataset, name: str, source: str) -> Split:
    parts = SPLITS if name == "all" else (name,)
    splits = [dataset.split(part) for part in parts]
    splits = [split for split in splits if len(split)]
    if not splits:
        sizes = {part: len(dataset.split(part)) for part in SPLITS}
        listed = ", ".join(f"{n}: {size}" for n, size in sizes.items())
        raise DataError(
            f"`{source}` has no {name} part.",
            received=listed,
            hint="choose another with --split, or --split all",
        )
    return splits[0] if len(splits) == 1 else Joined(splits)


def _trained_batch_size(record: Record) -> int:
    train = record.get("config", {}).get("train", {})
    return int(train.get("batch_size", BATCH_SIZE))


def _remarks(
    trained: Trained, dataset: Dataset, source: str | None
) -> list[str]:
    remarks = list(dataset.remarks)
    recorded = trained.record.get("data", {}).get("fingerprint")
    if source is None and recorded not in (None, dataset.fingerprint):
        remarks.append("The data changed since the model was trained on it.")
    return remarks


def predict_files(
    trained: Trained,
    paths: Sequence[Path],
    *,
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> Iterator[Prediction]:
    """Answers for files, a few at a time.

    Args:
        trained: The model.
        paths: Files, or folders of files.
        batch_size: Examples at once; by default as in training.
        progress: Told how many files are done.

    Yields:
        One answer for an image, one a row for a table.

    Raises:
        DataError: If a file cannot be read; images are checked beforehand.
        OutOfMemoryError: If a batch does not fit into memory.
    """
    files = find_files(paths, trained.spec)
    if trained.spec.input == "image":
        check_images(files, trained.spec)
    size = batch_size or _trained_batch_size(trained.record)
    for start in range(0, len(files), FILES):
        part = files[start : start + FILES]
        with explain_memory(size):
            answers = trained.task.predict(trained.model, part, size)
        yield from answers
        if progress:
            progress("predicting", start + len(part), len(files))


@contextlib.contextmanager
def explain_memory(batch_size: int) -> Iterator[None]:
    """Turns a framework's out-of-memory error into one screen."""
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise OutOfMemoryError(
            f"A batch of {batch_size} does not fit into memory.",
            hint=f"--batch-size {max(1, batch_size // 2)}"
            if batch_size > 1
            else "use a machine with more memory, or a smaller model",
        ) from error
