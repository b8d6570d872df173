"""Every task by name, imported when asked for. The only list of its kind."""

import importlib

from kerasnotes.base.errors import UsageError, did_you_mean
from kerasnotes.data.spec import Spec
from kerasnotes.notes import known_notes
from kerasnotes.tasks.base import Task

TASKS: dict[str, str] = {
    "bayesian-classification": (
        "kerasnotes.tasks.bayesian_classification:BayesianClassification"
    ),
    "classification": "kerasnotes.tasks.classification:Classification",
    "generation": "kerasnotes.tasks.generation:Generation",
    "segmentation": "kerasnotes.tasks.segmentation:Segmentation",
}

_TARGETS = {
    "class": "one class per example",
    "mask": "a mask: one class per pixel",
}


def task_class(name: str) -> type[Task]:
    """Returns the class of the task called `name`.

    Raises:
        UsageError: If there is none; names the nearest.
    """
    if name not in TASKS:
        raise UsageError(
            f"There is no task called `{name}`.",
            hint=did_you_mean(name, TASKS),
        )
    module, _, attribute = TASKS[name].partition(":")
    found: type[Task] = getattr(importlib.import_module(module), attribute)
    return found


def make_task(name: str, spec: Spec) -> Task:
    """Returns the task called `name` for this data.

    Raises:
        UsageError: If there is none, or the data's target does not fit it.
    """
    found = task_class(name)
    if spec.target != found.target:
        raise UsageError(
            f"The data set `{spec.name}` does not fit {name}.",
            expected=_TARGETS[found.target],
            received=f"{_TARGETS[spec.target]}, {spec.num_classes} classes",
            hint=_fitting(spec),
        )
    return found(spec)


def _fitting(spec: Spec) -> str:
    notes = [
        note.name
        for note in known_notes().values()
        if task_class(note.task).target == spec.target
    ]
    if not notes:
        return "no note fits this data (`kn list`)"
    return f"`kn fit {notes[0]}` fits this data (`kn list` shows all notes)"
