"""From settings to a finished run: what `kn fit` does."""

import dataclasses
from pathlib import Path
from typing import Any

from kerasnotes.base.commands import command as command_line
from kerasnotes.base.errors import (
    DataError,
    DivergedError,
    InterruptedRunError,
    UsageError,
)
from kerasnotes.data.held.arrays import InMemory
from kerasnotes.data.spec import Spec
from kerasnotes.notes import find, require
from kerasnotes.runs import run
from kerasnotes.runs.lock import locked
from kerasnotes.runs.run import Record, Run
from kerasnotes.runs.source import find_source
from kerasnotes.runtime import setup as backend
from kerasnotes.training import loop, recording, settings, state
from kerasnotes.training.compiled import Compiled
from kerasnotes.training.finishing import Outcome, finish
from kerasnotes.training.interrupt import catch_interrupt
from kerasnotes.training.job import Job, prepare
from kerasnotes.training.keeper import Keeper
from kerasnotes.training.plan import Plan
from kerasnotes.training.progress import Reporter
from kerasnotes.training.settings import Settings
from kerasnotes.training.state import Progress

CHANGEABLE = ("epochs", "time_limit", "early_stop")
"""`TrainConfig` fields that a resumed run may change: they leave the order
of the data and the arithmetic of a step as they were."""


def start(
    run_settings: Settings,
    choice: backend.Choice,
    reporter: Reporter,
    *,
    out: Path | None = None,
    root: Path = Path("ckpts"),
    command: str | None = None,
    report: bool = True,
    held: Compiled | None = None,
) -> Outcome:
    """Trains a new run.

    Args:
        run_settings: All settings.
        choice: The backend and device.
        reporter: Who is told.
        out: The run's folder; by default the next free `root/NAME`.
        root: Where runs go by default.
        command: What the record says was called; by default this process'
            command line.
        report: Whether the best model is measured at the end.
        held: A compiled network of an alike run, and where this one leaves
            its own.

    Raises:
        KerasNotesError: As described by its subclasses.
    """
    job = prepare(run_settings, reporter)
    folder = run.create(out, run_settings.note.name, root)
    with locked(folder.folder):
        record = recording.new_record(job, choice, command)
        folder.write_record(record)
        return _train(job, folder, record, Progress(), report, held)


def resume(
    folder: Path,
    changes: dict[str, Any],
    choice: backend.Choice,
    reporter: Reporter,
    *,
    arrays: InMemory | None = None,
    source: str | None = None,
    command: str | None = None,
    report: bool = True,
    held: Compiled | None = None,
) -> Outcome:
    """Goes on with a run, from its newest checkpoint.

    Args:
        folder: The run's folder.
        changes: New values of `CHANGEABLE` fields.
        choice: The backend and device, which may be others than before.
        reporter: Who is told.
        arrays: What the run was trained on, if that was in memory.
        source: Where its data are now, if they were moved.
        command: As of `start`.
        report: As of `start`.
        held: As of `start`.

    Raises:
        StorageError: If there is no run or no checkpoint, or another
            process trains it.
        DataError: If the data is not what it was.
        UsageError: If `changes` names something else.
    """
    opened_run = run.open_run(folder)
    with locked(folder):
        record = opened_run.read_record()
        require(record, folder)
        run_settings = _recorded_settings(record, changes, arrays, source)
        progress = _read_progress(opened_run, record)
        _check_epochs(folder, progress, changes)
        done = progress.epoch >= run_settings.train.epochs
        if record["status"] == "finished" and done:
            reporter.say(
                f"{folder} is finished: {progress.epoch} epochs. To extend "
                f"it: kn fit --resume {folder} --epochs {2 * progress.epoch}"
            )
            return Outcome(opened_run, record, "")
        job = prepare(run_settings, reporter, record)
        if source is not None:
            reporter.say(f"{source} holds the data of the training.")
        _announce(record, progress, job, choice)
        record = {
            **recording.go_on(record, job, source),
            "environment": backend.environment(choice),
            "sessions": [*record["sessions"], recording.session(command)],
        }
        return _train(job, opened_run, record, progress, report, held)


def _recorded_settings(
    record: Record,
    changes: dict[str, Any],
    arrays: InMemory | None,
    source: str | None,
) -> Settings:
    fixed = [name for name in changes if name not in CHANGEABLE]
    if fixed:
        raise UsageError(
            f"`{fixed[0]}` cannot change when a run is resumed.",
            expected=", ".join(CHANGEABLE) + ", backend, precision",
            hint="start a new run for other settings",
        )
    config = record["config"]
    epochs = config["train"]["epochs"]
    cyclic = config["train"].get("schedule") == "cyclic"
    if cyclic and changes.get("epochs", epochs) != epochs:
        raise UsageError(
            "Cycles of the learning rate cannot be made longer.",
            expected=f"train.epochs={epochs}, as it was",
            received=f"--epochs {changes['epochs']}",
            hint="start a new run for more",
        )
    blocks = {name: dict(config[name]) for name in settings.BLOCKS}
    blocks["train"].update(changes)
    if "keep" not in blocks["data"]:
        # When that run began, no column of a table was left out.
        blocks["data"]["keep"] = Spec.from_json(record["spec"]).input.names
    if arrays is None:
        location = find_source(record) if source is None else source
        blocks["data"]["source"] = location
    made = settings.make(find(config["note"]), blocks)
    return dataclasses.replace(made, arrays=arrays)


def _read_progress(opened_run: Run, record: Record) -> Progress:
    if record["status"] == "created" and not state.list_states(
        opened_run.state_folder
    ):
        return Progress()
    return state.read_progress(state.latest(opened_run.state_folder))


def _check_epochs(
    folder: Path, progress: Progress, changes: dict[str, Any]
) -> None:
    """Refuses an end that lies behind: it would end the run for good."""
    wanted = changes.get("epochs")
    if wanted is not None and wanted < progress.epoch:
        again = command_line("fit", "--resume", folder)
        raise UsageError(
            f"{folder} has trained {progress.epoch} epochs already.",
            expected=f"--epochs {progress.epoch} or more",
            received=f"--epochs {wanted}",
            hint=f"{again} --epochs {2 * progress.epoch}",
        )


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


def _tell_epochs(job: Job, steps: int) -> None:
    """Says what an epoch is, and what picks one, where it is not usual."""
    passes = job.settings.train.passes
    if passes > 1:
        job.reporter.say(
            f"An epoch is {passes} passes over the training part, {steps} "
            "steps."
        )
    if job.few:
        job.reporter.say(
            f"Only {job.few} validation examples: too few to choose an epoch "
            "by, or to stop early. The weights of the last one are kept."
        )


def _train(
    job: Job,
    folder: Run,
    record: Record,
    progress: Progress,
    report: bool,
    held: Compiled | None,
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
            "best": recording.best(progress, job.monitor),
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
            cycle_ends=train.cycle_ends,
        )
        begun = bool(state.list_states(folder.state_folder))
        status = "training" if begun else "created"
        folder.write_record({**record, "status": status})
        _tell_epochs(job, steps)
        job.reporter.begin(train.epochs, steps, plan.monitor.name or "loss")
        try:
            stopped = loop.train(job, keeper, plan, held)
        except DivergedError:
            folder.write_record({**record, "status": "diverged"})
            raise
        except KeyboardInterrupt:
            # The second one: nobody wants to wait for this step.
            again = command_line("fit", "--resume", folder.folder)
            raise InterruptedRunError(
                f"Stopped at once; {folder.folder} is as it was when it was "
                "saved last.",
                hint=again,
            ) from None
        finally:
            job.reporter.end()
    return finish(job, record, keeper, stopped, report)
