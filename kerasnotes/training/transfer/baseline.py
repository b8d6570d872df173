"""The same network from scratch, beside one that began with copied weights."""

import dataclasses

from kerasnotes.runs.archive import archive
from kerasnotes.runtime.setup import Choice
from kerasnotes.training import fit, settings
from kerasnotes.training.finishing import Outcome
from kerasnotes.training.progress import Reporter
from kerasnotes.training.settings import Settings

BEGINNING = ("start_from", "freeze", "unfreeze_after", "lr_scale")
"""`TrainConfig` fields that a run from scratch has no use for."""
MAIN = (
    "loss",
    "accuracy",
    "nll",
    "r2",
    "mae",
    "rmse",
    "skill",
    "mean_iou",
    "mean_relative_error",
    "negative_elbo",
    "bits_per_dim",
)
"""Numbers that are compared with those from scratch."""


def add_baseline(
    outcome: Outcome,
    run_settings: Settings,
    choice: Choice,
    reporter: Reporter,
) -> Outcome:
    """Trains the same from scratch, and puts its numbers beside the run's.

    Args:
        outcome: Of a run that began with copied weights.
        run_settings: Its settings.
        choice: The backend and device.
        reporter: Who is told.

    Returns:
        The run, whose metrics have those `_from_scratch` beside them.
    """
    reporter.say("The same from scratch, with the same budget, to compare:")
    blocks = {**run_settings.overrides}
    blocks["train"] = {
        k: v for k, v in blocks["train"].items() if k not in BEGINNING
    }
    plain = dataclasses.replace(
        settings.make(run_settings.note, blocks), arrays=run_settings.arrays
    )
    folder = outcome.run.folder / "from_scratch"
    other = fit.start(plain, choice, reporter, out=folder)
    if other.stopped == "interrupted":
        return outcome
    beside = {
        f"{name}_from_scratch": value
        for name, value in other.record["metrics"].items()
        if name in MAIN
    }
    metrics = {**outcome.record["metrics"], **beside}
    record = {**outcome.record, "metrics": metrics}
    archive.write_record(outcome.run.model_path, record)
    outcome.run.write_record(record)
    return dataclasses.replace(outcome, record=record)
