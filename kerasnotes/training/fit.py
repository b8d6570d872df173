"""From settings to a finished run: what `kn fit` does."""

import dataclasses
import datetime
import shlex
import sys
from pathlib import Path
from typing import Any

from kerasnotes.base.errors import DataError, DivergedError, UsageError
from kerasnotes.contracts.report import Conditions, Report
from kerasnotes.data.arrays import Arrays
from kerasnotes.figures import curves
from kerasnotes.notes import find, require
from kerasnotes.runs import run
from kerasnotes.runs.archive import archive
from kerasnotes.runs.run import Record, Run
from kerasnotes.runtime import setup as backend
from kerasnotes.training import loop, settings, state
from kerasnotes.training.interrupt import catch_interrupt
from kerasnotes.training.job import Job, prepare
from kerasnotes.training.keeper import Keeper
from kerasnotes.training.plan import Monitor, Plan
from kerasnotes.training.progress import Reporter
from kerasnotes.training.settings import Settings
from kerasnotes.training.state import Progress

CHANGEABLE = ("epochs", "time_limit", "early_stop")
"""`TrainConfig` fields that a resumed run may change: they leave the order
of the data and the arithmetic of a step as they were."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What `kn fit` ends with.

    Args:
        run: The run's folder.
        record: Its record, as written.
        stopped: Why it ended before its last epoch, or "".
    """

    run: Run
    record: Record
    stopped: str


def start(
    given: Settings,
    choice: backend.Choice,
    reporter: Reporter,
    *,
    out: Path | None = None,
    root: Path = Path("ckpts"),
    command: str | None = None,
) -> Outcome:
    """Trains a new run.

    Args:
        given: All settings.
        choice: The backend and device.
        reporter: Who is told.
        out: The run's folder; by default the next free `root/NAME`.
        root: Where runs go by default.
        command: What the record says was called; by default this process'
            command line.

    Raises:
        KerasNotesError: As described by its subclasses.
    """
    job = prepare(given, reporter)
    folder = run.create(out, given.note.name, root)
    record = _new_record(job, choice, command)
    folder.write_record(record)
    return _train(job, folder, record, Progress())


def resume(
    folder: Path,
    changes: dict[str, Any],
    choice: backend.Choice,
    reporter: Reporter,
    *,
    arrays: Arrays | None = None,
    command: str | None = None,
) -> Outcome:
    """Goes on with a run, from its newest checkpoint.

    Args:
        folder: The run's folder.
        changes: New values of `CHANGEABLE` fields.
        choice: The backend and device, which may be others than before.
        reporter: Who is told.
        arrays: What the run was trained on, if that was in memory.
        command: As of `start`.

    Raises:
        StorageError: If there is no run or no checkpoint.
        DataError: If the data is not what it was.
        UsageError: If `changes` names something else.
    """
    found = run.open_run(folder)
    record = found.read_record()
    require(record, folder)
    given = _recorded_settings(record, changes, arrays)
    progress = _read_progress(found, record)
    if record["status"] == "finished" and progress.epoch >= (
        given.train.epochs
    ):
        reporter.say(
            f"{folder} is finished: {progress.epoch} epochs. To extend it: "
            f"kn fit --resume {folder} --epochs {2 * progress.epoch}"
        )
        return Outcome(found, record, "")
    job = prepare(given, reporter, tuple(record["statistics"]))
    _check_same_data(job, record)
    _announce(record, progress, job, choice)
    record = {
        **record,
        "config": job.settings.to_json(),
        "environment": backend.environment(choice),
        "sessions": [*record["sessions"], _session(command)],
    }
    return _train(job, found, record, progress)


def _new_record(
    job: Job, choice: backend.Choice, command: str | None
) -> Record:
    data, chosen = job.dataset, job.settings
    return {
        "format": run.FORMAT,
        "note": chosen.note.name,
        "origin": chosen.note.origin and str(chosen.note.origin),
        "task": chosen.note.task,
        "status": "created",
        "config": chosen.to_json(),
        "seed": chosen.train.seed,
        "spec": data.spec.to_json(),
        "statistics": list(job.statistics),
        "data": {
            "source": chosen.data.source,
            "fingerprint": data.fingerprint,
            "counts": {
                name: len(data.split(name))
                for name in ("train", "validation", "test")
            },
        },
        "environment": backend.environment(choice),
        "sessions": [_session(command)],
    }


def _session(command: str | None) -> dict[str, str]:
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    if command is None:
        command = shlex.join(["kn", *sys.argv[1:]])
    return {"command": command, "started": now}


def _recorded_settings(
    record: Record, changes: dict[str, Any], arrays: Arrays | None
) -> Settings:
    fixed = [name for name in changes if name not in CHANGEABLE]
    if fixed:
        raise UsageError(
            f"`{fixed[0]}` cannot change when a run is resumed.",
            expected=", ".join(CHANGEABLE) + ", backend, precision",
            hint="start a new run for other settings",
        )
    config = record["config"]
    blocks = {name: dict(config[name]) for name in settings.BLOCKS}
    blocks["train"].update(changes)
    if "keep" not in blocks["data"]:
        # When that run began, no column of a table was left out.
        blocks["data"]["keep"] = record["spec"].get("features", ())
    made = settings.make(find(config["note"]), blocks)
    return dataclasses.replace(made, arrays=arrays)


def _read_progress(found: Run, record: Record) -> Progress:
    if record["status"] == "created" and not state.list_states(
        found.state_folder
    ):
        return Progress()
    return state.read_progress(state.latest(found.state_folder))


def _announce(
    record: Record, progress: Progress, job: Job, choice: backend.Choice
) -> None:
    if not progress.steps_done:
        job.reporter.say("Stopped before its first step: starting at step 0.")
        return
    place = f"epoch {progress.epoch + 1}, step {progress.step}"
    before = record["environment"]["backend"]
    text = f"Going on at {place}"
    if before != choice.backend:
        text += f", on {choice.backend} (before: {before})"
    old = record["config"]["train"]["epochs"]
    new = job.settings.train.epochs
    if new != old:
        text += f"; {new} epochs instead of {old}, learning rate rescheduled"
    job.reporter.say(text + ".")


def _check_same_data(job: Job, record: Record) -> None:
    recorded = record["data"]["fingerprint"]
    if job.dataset.fingerprint != recorded:
        raise DataError(
            f"The data in {record['data']['source']} is not what this run "
            "was trained on.",
            expected=f"fingerprint {recorded}",
            received=job.dataset.fingerprint,
            hint="bring the data back, or start a new run",
        )


def _train(
    job: Job, folder: Run, record: Record, progress: Progress
) -> Outcome:
    train = job.settings.train
    steps = job.training_batches().steps
    if progress.steps_per_epoch not in (0, steps):
        raise DataError(
            "An epoch has another number of steps than before.",
            expected=str(progress.steps_per_epoch),
            received=str(steps),
        )
    progress.steps_per_epoch = steps
    keeper = Keeper(
        folder,
        progress,
        lambda: {
            **record,
            "status": "training",
            "best": _best(progress, job.monitor),
        },
    )
    with catch_interrupt() as interrupt:
        plan = Plan(
            epochs=train.epochs,
            steps_per_epoch=steps,
            monitor=job.monitor,
            early_stop=train.early_stop,
            time_limit=train.time_limit,
            interrupt=interrupt,
            loss_may_grow=job.model.loss_may_grow,
        )
        begun = bool(state.list_states(folder.state_folder))
        status = "training" if begun else "created"
        folder.write_record({**record, "status": status})
        job.reporter.begin(train.epochs, steps, plan.monitor.name or "loss")
        try:
            stopped = loop.train(job, keeper, plan)
        except DivergedError:
            folder.write_record({**record, "status": "diverged"})
            raise
        finally:
            job.reporter.end()
    return _finish(job, folder, record, keeper, stopped)


def _best(progress: Progress, monitor: Monitor) -> Record | None:
    """Returns which epoch was best; `None` before the first has ended."""
    if not progress.best_epoch:
        return None
    epoch = progress.best_epoch
    name, value = (
        monitor.name,
        progress.history[epoch - 1].get(monitor.name or ""),
    )
    return {"epoch": epoch, "metric": name, "value": value}


def _finish(
    job: Job, folder: Run, record: Record, keeper: Keeper, stopped: str
) -> Outcome:
    progress = keeper.progress
    record = {
        **record,
        "status": stopped or "finished",
        "epochs": progress.epoch,
        "train_seconds": round(progress.seconds, 3),
    }
    record["best"] = _best(progress, job.monitor)
    if progress.history:
        curves.draw_curves(progress.history, folder.folder / "curves.png")
    if stopped == "interrupted":
        folder.write_record(record)
        return Outcome(folder, record, stopped)
    keeper.record = lambda: record
    keeper.put_best(job.model)
    record["split"], report = _measure(job, folder.folder)
    record["metrics"] = report.metrics
    for name, draw in report.figures.items():
        draw(folder.folder / f"{name}.png")
    split = job.dataset.split(record["split"])
    path = folder.folder / f"{job.task.picture}.png"
    job.task.draw_predictions(job.model, split, path)
    archive.write_record(folder.model_path, record)
    folder.write_record(record)
    return Outcome(folder, record, stopped)


def _measure(job: Job, folder: Path) -> tuple[str, Report]:
    """Measures on the test part, or on the best there is."""
    for name in ("test", "validation", "train"):
        split = job.dataset.split(name)
        if len(split):
            break
    conditions = Conditions(
        batch_size=job.settings.train.batch_size,
        train=job.dataset.train,
        folder=folder,
        quick=True,
    )
    return name, job.task.evaluate(job.model, split, conditions)
