"""Runs as rows: what each is, how good, how far, and since when."""

import csv
import dataclasses
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from kerasnotes.base.errors import StorageError
from kerasnotes.runs.lock import is_locked
from kerasnotes.runs.run import ROOT, Record, Run, is_run

State = Literal["finished", "stopped", "training"]
FALLING = (
    "loss",
    "negative_elbo",
    "frechet",
    "bits",
    "nll",
    "ece",
    "rmse",
    "mae",
)
"""Words in the names of metrics that are better if smaller."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One run.

    Args:
        run: Its folder.
        note: The note's name.
        data: The source, as it was given.
        metric: Name of the number that tells how good it is, or `None`.
        value: That number, of the part that it was measured on.
        epochs: Epochs done.
        planned: Epochs of the whole run.
        seconds: Training time, all sessions together.
        started: When its first session began, ISO 8601, UTC.
        state: What it does now.
        reason: Why it stopped: `time limit`, `early stop`, `interrupted`,
            `diverged`, or `killed`.
    """

    run: str
    note: str
    data: str
    metric: str | None
    value: float | None
    epochs: float
    planned: int
    seconds: float
    started: str
    state: State
    reason: str

    @property
    def score(self) -> float:
        """The metric, turned so that larger is better; of none, the worst."""
        if self.value is None or math.isnan(self.value):
            return -math.inf
        falls = any(word in (self.metric or "") for word in FALLING)
        return -self.value if falls else self.value


def find_runs(folder: Path) -> list[Path]:
    """Returns the runs in a folder, or the folder itself if it is one.

    Raises:
        StorageError: If there is no such folder.
    """
    if is_run(folder):
        return [folder]
    if not folder.is_dir():
        raise StorageError(
            f"There is no folder {folder}.",
            expected="a run, or a folder of runs as ckpts",
        )
    return sorted(path for path in folder.iterdir() if is_run(path))


def list_runs(
    folders: Sequence[Path], tell: Callable[[str], None]
) -> list[Row]:
    """Returns a row a run, the newest first.

    Args:
        folders: Of runs, or runs; by default `ckpts`, if there is one.
        tell: Told of each run that cannot be read.

    Raises:
        StorageError: If there is no such folder.
    """
    if not folders and not ROOT.is_dir():
        return []
    found = [run for folder in folders or (ROOT,) for run in find_runs(folder)]
    rows = []
    for run in dict.fromkeys(found):
        try:
            rows.append(describe(run))
        except StorageError as error:
            tell(error.message)
    return sorted(rows, key=lambda row: row.started, reverse=True)


def describe(folder: Path) -> Row:
    """Returns what a run's record tells.

    Raises:
        StorageError: If it cannot be read, or is not a run's record.
    """
    record = Run(folder).read_record("config", "data")
    epochs, seconds = _progress(folder, record)
    metric, value = main_metric(record)
    state, reason = _state(folder, record)
    sessions = record.get("sessions") or [{}]
    return Row(
        run=str(folder),
        note=str(record.get("note", "")),
        data=str(record["data"].get("source", "")),
        metric=metric,
        value=value,
        epochs=epochs,
        planned=int(record["config"].get("train", {}).get("epochs", 0)),
        seconds=seconds,
        started=str(sessions[0].get("started", "")),
        state=state,
        reason=reason,
    )


def main_metric(record: Record) -> tuple[str | None, float | None]:
    """Returns the number by which the epoch was chosen, as measured later.

    Where no metric chose it, or that one was not measured, the first.
    """
    metrics: dict[str, Any] = record.get("metrics") or {}
    chosen = (record.get("best") or {}).get("metric") or ""
    name = chosen.removeprefix("val_")
    if name not in metrics:
        name = next(iter(metrics), None)
    return name, None if name is None else float(metrics[name])


def _progress(folder: Path, record: Record) -> tuple[float, float]:
    """Returns epochs done and seconds, of a run that is not done as well."""
    if "train_seconds" in record and record["status"] != "training":
        return record["epochs"], float(record["train_seconds"])
    try:
        with open(folder / "history.csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        epochs = max((float(row["epoch"]) for row in rows), default=0.0)
        return epochs, sum(float(row["seconds"]) for row in rows)
    except (OSError, KeyError, ValueError):
        return 0.0, 0.0


def _state(folder: Path, record: Record) -> tuple[State, str]:
    status = str(record.get("status", ""))
    if is_locked(folder):
        return "training", ""
    if status == "finished":
        return "finished", ""
    killed = status in ("created", "training")
    return "stopped", "killed" if killed else status
