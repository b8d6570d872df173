"""Every task by name, imported when asked for. The only list of its kind."""

import dataclasses
import importlib
from typing import Literal

from kerasnotes.base.commands import command
from kerasnotes.base.config import Augment, DataConfig
from kerasnotes.base.errors import UsageError, did_you_mean
from kerasnotes.data.spec import Spec
from kerasnotes.data.words import SOURCE, option_words
from kerasnotes.notes import known_notes
from kerasnotes.tasks.base import Task

Target = Literal["class", "mask", "none"]


@dataclasses.dataclass(frozen=True)
class KnownTask:
    """What is known of a task before its code, and Keras, is imported.

    Args:
        place: Module and class, `module:Class`.
        targets: What its data may hold: a class an example, one a pixel,
            no label at all.
        augment: Augmentation when the user names none.
    """

    place: str
    targets: tuple[Target, ...] = ("class",)
    augment: Augment = "none"

    def load(self) -> type[Task]:
        """Returns the class; imports Keras."""
        module, _, attribute = self.place.partition(":")
        found: type[Task] = getattr(importlib.import_module(module), attribute)
        return found


TASKS: dict[str, KnownTask] = {
    "bayesian-classification": KnownTask(
        "kerasnotes.tasks.bayesian_classification:BayesianClassification",
        augment="light",
    ),
    "classification": KnownTask(
        "kerasnotes.tasks.classification:Classification", augment="light"
    ),
    "generation": KnownTask(
        "kerasnotes.tasks.generation:Generation", targets=("class", "none")
    ),
    "segmentation": KnownTask(
        "kerasnotes.tasks.segmentation:Segmentation",
        targets=("mask",),
        augment="light",
    ),
}

_TARGETS = {
    "class": "one class per example",
    "mask": "a mask: one class per pixel",
    "none": "no label",
}


def find_task(name: str) -> KnownTask:
    """Returns what is known of the task called `name`.

    Raises:
        UsageError: If there is none; names the nearest.
    """
    if name not in TASKS:
        raise UsageError(
            f"There is no task called `{name}`.",
            hint=did_you_mean(name, TASKS),
        )
    return TASKS[name]


def check_target(
    name: str, spec: Spec, config: DataConfig | None = None
) -> None:
    """Checks that a task has a use for this data; imports no framework.

    Args:
        name: The task's.
        spec: The data's description.
        config: How the data are read, for the command that the hint names.

    Raises:
        UsageError: If there is no such task, or the target does not fit it.
    """
    known = find_task(name)
    if spec.target not in known.targets:
        raise UsageError(
            f"The data set `{spec.name}` does not fit {name}.",
            expected=" or ".join(_TARGETS[target] for target in known.targets),
            received=f"{_TARGETS[spec.target]}, {spec.num_classes} classes",
            hint=_fitting(spec, config),
        )


def make_task(name: str, spec: Spec) -> Task:
    """Returns the task called `name` for this data.

    Raises:
        UsageError: If there is none, or the data's target does not fit it.
    """
    check_target(name, spec)
    return find_task(name).load()(spec)


def _fitting(spec: Spec, config: DataConfig | None) -> str:
    notes = [
        note.name
        for note in known_notes().values()
        if note.task in TASKS and spec.target in TASKS[note.task].targets
    ]
    if not notes:
        return "no note fits this data (`kn list`)"
    if config and config.source == SOURCE:
        return f"kerasnotes.fit({notes[0]!r}, data) fits this data"
    given = ["--data", config.source, *option_words(config)] if config else []
    fitting = command("fit", notes[0], *given)
    return f"`{fitting}` fits this data (`kn list` shows all notes)"
