"""What a run ends with: its best model measured, its pictures, its record."""

import dataclasses
from pathlib import Path

from kerasnotes.contracts.report import Conditions, Report, file_name
from kerasnotes.figures import curves
from kerasnotes.runs.archive import archive
from kerasnotes.runs.run import Record, Run
from kerasnotes.training.formulae import write_formulae
from kerasnotes.training.job import Job
from kerasnotes.training.keeper import Keeper
from kerasnotes.training.kept_start import better_start
from kerasnotes.training.recording import best
from kerasnotes.training.state import to_numpy


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


def finish(
    job: Job,
    record: Record,
    keeper: Keeper,
    stopped: str,
    report: bool = True,
) -> Outcome:
    """Leaves the best model, and the last where it is another.

    Args:
        job: All that the run worked with.
        record: As it was when the run began.
        keeper: Holds the best weights.
        stopped: Why it ended early, or "". What Ctrl-C stopped is not
            measured: whoever presses it does not want to wait.
        report: Whether to measure the best model, and to draw its answers.

    Returns:
        The run with its record, as written.
    """
    progress, place = keeper.progress, keeper.run
    record = {
        **record,
        "status": stopped or "finished",
        "epochs": progress.epoch,
        "train_seconds": round(progress.seconds, 3),
        "best": best(progress, job.monitor),
    }
    if progress.history:
        curves.draw_curves(progress.history, place.folder / "curves.png")
    if stopped == "interrupted":
        place.write_record(record)
        return Outcome(place, record, stopped)
    keeper.record = lambda: record
    keeper.put_last(job.model, averaged=job.settings.train.ema is not None)
    keeper.put_best(job.model)
    start = better_start(job)
    if start is not None:
        job.reporter.say(
            "On the validation part the network is not better than what "
            "training started at, by a standard error: those weights are kept."
        )
        record["best"] = {"epoch": 0, "metric": None, "value": None}
        keeper.remember_best(start)
        keeper.put_best(job.model)
    spec = job.task.calibrate(job.model, job.dataset.validation)
    if spec is not None:
        job.task.spec = job.model.spec = spec
        record["spec"] = spec.to_json()
        # Some weights may be set by it, which no step moves.
        keeper.remember_best([to_numpy(v) for v in job.model.variables])
        keeper.put_best(job.model)
    if report:
        record = _report(job, place.folder, record)
        formulae = write_formulae(job, place.folder)
        if formulae:
            record["formulae"] = formulae
    archive.write_record(place.model_path, record)
    place.write_record(record)
    return Outcome(place, record, stopped)


def _report(job: Job, folder: Path, record: Record) -> Record:
    """Draws the figures; returns the record with what was measured."""
    name, report = measure(job, folder)
    for remark in report.remarks:
        job.reporter.say(remark)
    for figure, draw in report.figures.items():
        draw(folder / file_name(figure))
    path = folder / f"{job.task.picture}.png"
    job.task.draw_predictions(job.model, job.dataset.split(name), path)
    return {**record, "split": name, "metrics": report.metrics}


def measure(job: Job, folder: Path) -> tuple[str, Report]:
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
