"""An ensemble trained from nothing: `kn fit NOTE --ensemble 5`."""

from collections.abc import Sequence
from pathlib import Path

from kerasnotes.base.commands import command as command_line
from kerasnotes.base.errors import InterruptedRunError, KerasNotesError
from kerasnotes.runs import run
from kerasnotes.runs.archive import archive
from kerasnotes.runs.run import Record
from kerasnotes.runtime.setup import Choice
from kerasnotes.training import fit
from kerasnotes.training.compiled import Compiled
from kerasnotes.training.finishing import Outcome
from kerasnotes.training.progress import Reporter
from kerasnotes.use.ensembles.assemble import assemble
from kerasnotes.use.ensembles.at_once import shares_of, train_at_once
from kerasnotes.use.ensembles.plan import FILE, Plan, Todo, read_plan
from kerasnotes.use.ensembles.recording import NAME
from kerasnotes.use.ensembles.telling import ToldOnce


def train_members(
    plan: Plan,
    choice: Choice,
    reporter: Reporter,
    *,
    out: Path | None = None,
    command: str | None = None,
) -> Outcome:
    """Trains networks and puts them together.

    Each is a run of its own, `member1` and so on in the ensemble's folder;
    snapshots are files of one run, `training`. Members are measured, without
    pictures, when all of them are.

    Args:
        plan: What is trained.
        choice: The backend and device.
        reporter: Who is told.
        out: The ensemble's folder; by default the next free
            `ckpts/NOTE-ensemble`.
        command: What the record says was called.

    Raises:
        InterruptedRunError: After Ctrl-C; says how to go on.
        KerasNotesError: As described by its subclasses.
    """
    place = run.create(out, f"{plan.settings.note.name}-{NAME}")
    plan.write(place.folder)
    try:
        return _train(place, plan, choice, reporter, command)
    except KerasNotesError:
        _leave_nothing(place.folder)
        raise


def _leave_nothing(folder: Path) -> None:
    """Removes a folder in which nothing was begun: data that do not fit."""
    if [path.name for path in folder.iterdir()] == [FILE]:
        (folder / FILE).unlink()
        folder.rmdir()


def go_on(
    folder: Path, choice: Choice, reporter: Reporter, command: str | None
) -> Outcome:
    """Goes on with an ensemble that was interrupted.

    Args:
        folder: Its own.
        choice: The backend and device.
        reporter: Who is told.
        command: What the record says was called.

    Raises:
        KerasNotesError: As of `train_members`.
    """
    plan = read_plan(folder)
    return _train(run.Run(folder), plan, choice, reporter, command)


def _train(
    place: run.Run,
    plan: Plan,
    choice: Choice,
    reporter: Reporter,
    command: str | None,
) -> Outcome:
    """Trains what is missing, and puts all together."""
    runs = plan.runs(place.folder)
    todo = [one for one in runs if not _is_finished(one[2])]
    shares = shares_of(len(todo), choice)
    if len(shares) > 1:
        stopped = train_at_once(todo, shares, choice, reporter, command)
    else:
        alone = plan.members == "snapshot"
        stopped = _in_turn(todo, choice, reporter, command, report=alone)
    if stopped:
        raise InterruptedRunError(
            f"Interrupted; everything is saved in {place.folder}.",
            hint=command_line("fit", "--resume", place.folder),
        )
    made = assemble(
        plan.models(place.folder),
        choice,
        combine=plan.combine,
        folder=place,
        command=command,
    )
    _tell_members(plan, place, made.record)
    for remark in made.remarks:
        reporter.say(remark)
    return Outcome(place, made.record, "")


def _tell_members(plan: Plan, place: run.Run, record: Record) -> None:
    """Writes into each member's record what it scored.

    They are measured when all are, which asks each once.
    """
    if plan.members == "snapshot":
        return
    told = record["members"]
    for (*_, folder), member in zip(plan.runs(place.folder), told, strict=True):
        own = run.Run(folder)
        found = own.read_record()
        if member["metrics"] and not found.get("metrics"):
            split = record["split"]
            # Its own fold, where there is no other part.
            found["split"] = "validation" if split == "out-of-fold" else split
            found["metrics"] = member["metrics"]
            archive.write_record(own.model_path, found)
            own.write_record(found)


def _is_finished(folder: Path) -> bool:
    if not run.is_run(folder):
        return False
    record = run.open_run(folder).read_record()
    return record.get("status") not in ("created", "training", "interrupted")


def _in_turn(
    todo: Sequence[Todo],
    choice: Choice,
    reporter: Reporter,
    command: str | None,
    report: bool,
) -> bool:
    """Trains one after another; returns whether Ctrl-C ended it."""
    held, told = Compiled(), ToldOnce(reporter)
    for name, member, folder in todo:
        told.start(f"{name}, seed {member.train.seed}:")
        if run.is_run(folder):
            outcome = fit.resume(
                folder,
                {},
                choice,
                told,
                command=command,
                report=report,
                held=held,
            )
        else:
            outcome = fit.start(
                member,
                choice,
                told,
                out=folder,
                command=command,
                report=report,
                held=held,
            )
        if outcome.stopped == "interrupted":
            return True
    return False
