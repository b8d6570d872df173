"""Runs put together to one that answers for all: what `kn ensemble` does."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import Split
from kerasnotes.data.reading import parts, read_batch
from kerasnotes.inference.ensemble import COMBINE, Ensemble
from kerasnotes.inference.predictor import Predictor
from kerasnotes.metrics.blending import fit_weights
from kerasnotes.runs import run, saving
from kerasnotes.runs.archive import archive
from kerasnotes.runs.run import Record, Run
from kerasnotes.runtime.setup import Choice, environment
from kerasnotes.tasks.catalog import make_task
from kerasnotes.tasks.matching import match
from kerasnotes.training.recording import session
from kerasnotes.use.evaluate import evaluate
from kerasnotes.use.measured_data import load_for, take_split
from kerasnotes.use.trained import Trained, open_trained

NAME = "ensemble"
TASKS = {
    ("classification", "mean"): "bayesian-classification",
    ("classification", "weighted"): "classification",
    ("classification", "vote"): "classification",
    ("regression", "mean"): "regression",
    ("regression", "weighted"): "regression",
}
"""What an ensemble's answer means: of a mean of classes, its doubt too."""


@dataclasses.dataclass(frozen=True)
class Assembled:
    """An ensemble's run.

    Args:
        run: Its folder.
        record: As written.
        remarks: What one must know to read the numbers.
    """

    run: Run
    record: Record
    remarks: tuple[str, ...]


def assemble(
    members: Sequence[Path],
    choice: Choice,
    *,
    combine: str = "mean",
    out: Path | None = None,
    folder: Run | None = None,
    progress: Progress | None = None,
    command: str | None = None,
) -> Assembled:
    """Makes a run whose model holds all members, and measures it.

    Args:
        members: Runs or `.keras` files of ours, for the same data.
        choice: The backend and device.
        combine: `mean`, `weighted` (fitted on the validation part) or
            `vote`.
        out: The run's own folder; by default the next free
            `ckpts/ensemble`.
        folder: A folder that is there already, in place of `out`.
        progress: Told how far the measuring is.
        command: What the record says was called.

    Raises:
        DataError: If the data of the first member are gone, or there is no
            validation part to fit weights on.
        StorageError: If something cannot be read or written.
        UsageError: If the members do not go together.
    """
    if combine not in COMBINE:
        raise UsageError(
            f"Members cannot be combined by `{combine}`.",
            expected=" or ".join(COMBINE),
            received=combine,
        )
    _check_once(members)
    opened = [open_trained(path) for path in members]
    task = _check_tasks(opened, combine)
    model = Ensemble([one.model for one in opened], combine)
    config, dataset = load_for(opened[0], None)
    if combine == "weighted":
        _check_alike(opened)
        split = match(dataset.validation, dataset.spec, model.spec)
        if not len(split):
            raise DataError(
                "There is no validation part to fit the weights on.",
                hint="--combine mean",
            )
        answers = [_answers(one, split) for one in opened]
        truth = answers[0][1]
        weights = fit_weights(np.stack([a for a, _ in answers]), truth)
        model = Ensemble(
            [one.model for one in opened], combine, weights.tolist()
        )
    place = folder or run.create(out, NAME)
    record = _record(opened, model, choice, task, command)
    saving.save_model(model, place.model_path, record)
    whole = Trained(
        place.folder,
        place.model_path,
        model,
        record,
        make_task(task, model.spec),
    )
    conditions = Conditions(progress=progress, quick=True)
    told = evaluate(whole, conditions=conditions)
    part = take_split(dataset, told.split, config.source)
    part = match(part, dataset.spec, model.spec)
    beside = _of_members(opened, part, told.metrics, progress)
    metrics = {**told.metrics, **beside}
    record = {**record, "split": told.split, "metrics": metrics}
    archive.write_record(place.model_path, record)
    place.write_record(record)
    for name, draw in told.draws.items():
        draw(place.folder / f"{name}.png")
    remarks = (*told.remarks, *_same_data(opened))
    if combine == "vote":
        remarks += ("Shares of votes are no probabilities: mind the loss.",)
    return Assembled(place, record, remarks)


def _check_tasks(opened: Sequence[Trained], combine: str) -> str:
    """Returns the ensemble's task."""
    if any("members" in one.record for one in opened):
        raise UsageError(
            "An ensemble cannot be a member of another.",
            expected="its members themselves",
            received=", ".join(str(one.path) for one in opened),
        )
    names = sorted({one.task.name for one in opened})
    task = TASKS.get((names[0], combine)) if len(names) == 1 else None
    if task is None:
        raise UsageError(
            f"These runs cannot be combined by {combine}.",
            expected="runs that classify, or that measure values (by mean or "
            "weighted)",
            received=", ".join(
                f"{one.path}: {one.task.name}" for one in opened
            ),
        )
    return task


def _check_once(members: Sequence[Path]) -> None:
    """Refuses a run that is named twice: it would count twice."""
    places = [path.resolve() for path in members]
    twice = {str(p) for p in places if places.count(p) > 1}
    if twice:
        raise UsageError(
            "A run is named twice.",
            expected="each member once",
            received=", ".join(sorted(twice)),
        )


def _check_alike(opened: Sequence[Trained]) -> None:
    """Refuses to fit weights on rows that a member has learned."""
    first = _learned(opened[0])
    for one in opened[1:]:
        if _learned(one) != first:
            raise UsageError(
                "Members that were trained on other parts of the data cannot "
                "be weighted: one may have learned what weights are fitted on.",
                expected="the same data and split for all",
                received=f"{opened[0].path} and {one.path}",
                hint="--combine mean",
            )


def _answers(one: Trained, split: Any) -> tuple[Array, Array]:
    """Returns a member's answers `(N, K)` and the truth."""
    predict, found, truth = Predictor(one.model), [], []
    for indices in parts(len(split), one.batch_size):
        x, y = read_batch(split, indices)
        found.append(predict(x))
        truth.append(y)
    return np.concatenate(found), np.concatenate(truth)


def _record(
    opened: Sequence[Trained],
    model: Ensemble,
    choice: Choice,
    task: str,
    command: str | None,
) -> Record:
    first = opened[0].record
    config = {
        key: first.get("config", {}).get(key, {}) for key in ("data", "train")
    }
    return {
        "format": run.FORMAT,
        "note": NAME,
        "origin": None,
        "task": task,
        "status": "finished",
        "config": {"note": NAME, "model": {}, **config},
        "seed": first.get("seed"),
        "spec": model.spec.to_json(),
        "statistics": [[], []],
        "data": first.get("data", {}),
        "combine": model.combine,
        "members": [
            {
                "path": str(one.path),
                "note": one.record.get("note"),
                "seed": one.record.get("seed"),
                "weight": weight,
                "metrics": one.record.get("metrics", {}),
            }
            for one, weight in zip(opened, model.shares, strict=True)
        ],
        "environment": environment(choice),
        "sessions": [session(command)],
        "epochs": max(int(one.record.get("epochs", 0)) for one in opened),
        "train_seconds": round(
            sum(float(one.record.get("train_seconds", 0)) for one in opened), 3
        ),
        "best": None,
    }


def _of_members(
    opened: Sequence[Trained],
    part: Split,
    whole: dict[str, float],
    progress: Progress | None,
) -> dict[str, float]:
    """Returns the mean of the members' own scores, on the ensemble's part.

    Those that were measured on it at the end of their training are not
    measured again.
    """
    found: dict[str, list[float]] = {}
    for number, one in enumerate(opened, start=1):
        measured = one.record.get("metrics", {})
        if not measured or _learned(one) != _learned(opened[0]):
            conditions = Conditions(batch_size=one.batch_size, quick=True)
            measured = one.task.evaluate(one.model, part, conditions).metrics
        # A Bayesian report calls the cross-entropy `nll`.
        for name, value in measured.items():
            key = "nll" if name == "loss" and "nll" in whole else name
            if key in whole:
                found.setdefault(key, []).append(value)
        if progress:
            progress("measuring members", number, len(opened))
    beside = ("_constant", "_ridge")
    return {
        f"{name}_member": float(np.mean(values))
        for name, values in found.items()
        if not name.endswith(beside) and not name.startswith("f1_")
    }


def _same_data(opened: Sequence[Trained]) -> list[str]:
    """Warns of members that may have learned what the others are tested on."""
    first = _learned(opened[0])
    others = [one for one in opened[1:] if _learned(one) != first]
    if not others:
        return []
    return [
        f"{others[0].path} was trained on other data, or on other parts of "
        "them: what this is measured on may be what it learned. "
        "kn eval --data NEW measures without that."
    ]


def _learned(one: Trained) -> tuple[Any, ...]:
    data = one.record.get("config", {}).get("data", {})
    told = one.record.get("data", {})
    split = [data.get(k) for k in ("split_seed", "validation", "test")]
    return (told.get("fingerprint"), *split)
