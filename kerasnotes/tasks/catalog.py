"""Every task by name, imported when asked for. The only list of its kind."""

import dataclasses
import importlib
from collections.abc import Sequence

from kerasnotes.base.augmentation import choose
from kerasnotes.base.commands import command
from kerasnotes.base.config import DataConfig, TrainConfig
from kerasnotes.base.errors import UsageError, did_you_mean
from kerasnotes.data.fields import Kind
from kerasnotes.data.spec import Spec
from kerasnotes.data.words import SOURCE, option_words
from kerasnotes.notes import Note, known_notes
from kerasnotes.tasks.base import Task


@dataclasses.dataclass(frozen=True)
class KnownTask:
    """What is known of a task before its code, and Keras, is imported.

    Args:
        place: Module and class, `module:Class`.
        targets: What its data may hold: a class an example, one a pixel,
            measured values, no label at all.
        augment: Augmentation when the user names none.
        mixes: Whether its batches can be mixed (MixUp, CutMix, erasing).
        aims: Fields of `TrainConfig` that say what its loss aims at.
    """

    place: str
    targets: tuple[Kind, ...] = ("class",)
    augment: str = "none"
    mixes: bool = False
    aims: frozenset[str] = frozenset()

    def load(self) -> type[Task]:
        """Returns the class; imports Keras."""
        module, _, attribute = self.place.partition(":")
        task_class: type[Task] = getattr(
            importlib.import_module(module), attribute
        )
        return task_class


TASKS: dict[str, KnownTask] = {
    "bayesian-classification": KnownTask(
        "kerasnotes.tasks.bayesian_classification:BayesianClassification",
        augment="light",
    ),
    "classification": KnownTask(
        "kerasnotes.tasks.classification:Classification",
        augment="light",
        mixes=True,
        aims=frozenset({"label_smoothing", "imbalance"}),
    ),
    "forecasting": KnownTask(
        "kerasnotes.tasks.forecasting:Forecasting",
        targets=("series",),
        aims=frozenset({"loss", "huber_delta", "quantile"}),
    ),
    "generation": KnownTask(
        "kerasnotes.tasks.generation:Generation", targets=("class", "none")
    ),
    "interval-regression": KnownTask(
        "kerasnotes.tasks.interval_regression:IntervalRegression",
        targets=("values",),
    ),
    "language": KnownTask(
        "kerasnotes.tasks.language:Language", targets=("next_token",)
    ),
    "regression": KnownTask(
        "kerasnotes.tasks.regression:Regression",
        targets=("values",),
        aims=frozenset({"loss", "huber_delta", "quantile"}),
    ),
    "segmentation": KnownTask(
        "kerasnotes.tasks.segmentation:Segmentation",
        targets=("mask",),
        augment="light",
    ),
    "translation": KnownTask(
        "kerasnotes.tasks.translation:Translation",
        targets=("sequence",),
        aims=frozenset({"label_smoothing"}),
    ),
}

_TARGETS: dict[Kind, str] = {
    "class": "one class per example",
    "mask": "a mask: one class per pixel",
    "values": "measured values",
    "series": "the rows that follow a series",
    "next_token": "the token that follows each",
    "sequence": "texts, each a translation",
    "none": "no label",
}


_INPUTS: dict[Kind, str] = {
    "image": "images",
    "table": "rows of a table",
    "series": "series",
    "text": "texts",
    "tokens": "a language: one text file",
}
_READ_AS: dict[Kind, str] = {
    "image": "--set data.read_as=rows reads images as series",
    "table": "--horizon ROWS makes a table a series, so many rows to forecast; "
    "--set data.sequence=COLUMN makes rows that share what stands there one "
    "sequence",
    "series": "`kn fit lstm` and `kn fit tcn` read series; of a table, --set "
    "data.sequence=rows reads each row by itself",
    "text": "`kn fit lstm` and `kn fit tcn` read texts",
    "tokens": "`kn fit lstm` and `kn fit transformer` read a language",
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


def choose_task(
    note: Note, spec: Spec, config: DataConfig | None = None
) -> str:
    """Returns which of a note's tasks the data are for; imports no framework.

    Args:
        note: The note.
        spec: The data's description.
        config: How the data are read, for the command that the hint names.

    Raises:
        UsageError: If none of them is, or the note cannot take the data's
            inputs.
    """
    for name in note.tasks:
        if spec.target.kind in find_task(name).targets:
            _check_inputs(note, spec)
            return name
    raise _misfit(note.tasks, spec, config)


def _check_inputs(note: Note, spec: Spec) -> None:
    """Refuses inputs of another kind than the note's.

    And categories where their numbers would be taken for amounts.
    """
    takes = note.config_class().takes
    if spec.input.kind not in takes:
        raise UsageError(
            f"The note {note.name} does not read this kind of data.",
            expected=" or ".join(_INPUTS.get(kind, kind) for kind in takes),
            received=f"`{spec.name}`: {_INPUTS[spec.input.kind]}",
            hint=_READ_AS.get(spec.input.kind, "`kn list` shows all notes"),
        )
    if spec.input.varied and not note.config_class().takes_varied:
        raise UsageError(
            f"The note {note.name} reads series of one length.",
            expected=f"series of {spec.input.shape[0]} rows each",
            received=f"`{spec.name}`: series of up to so many",
            hint="`lstm`, `rnn`, `tcn` and `transformer` read series that "
            "differ in length; --set data.sequence=rows reads each row of a "
            "table by itself",
        )
    others = spec.inputs[1:]
    if others and not note.config_class().reads_future:
        raise UsageError(
            f"The note {note.name} reads one input.",
            expected=f"`{spec.input.name}` alone",
            received="beside it "
            + ", ".join(f"`{field.name}`" for field in others),
            hint="leave data.known and data.calendar out; or use `lstm`, "
            "`rnn`, `tcn` or `transformer`",
        )
    names = [spec.input.names[place] for place in spec.input.categorical]
    if names and not note.config_class().takes_categories:
        listed = ", ".join(names)
        raise UsageError(
            f"The note {note.name} cannot take categories.",
            expected="columns of numbers",
            received=f"columns of text: {listed}",
            hint=f"leave them out: --set 'data.leave_out=[{listed}]'; or use "
            "`mlp`",
        )


def _misfit(
    names: Sequence[str], spec: Spec, config: DataConfig | None = None
) -> UsageError:
    targets = [kind for name in names for kind in find_task(name).targets]
    kind = spec.target.kind
    received = _TARGETS.get(kind, kind)
    if spec.target.classes:
        received += f", {spec.target.num_classes} classes"
    return UsageError(
        f"The data set `{spec.name}` does not fit {' or '.join(names)}.",
        expected=" or ".join(_TARGETS[each] for each in targets),
        received=received,
        hint=_fitting(spec, config),
    )


def check_aims(name: str, train: TrainConfig) -> None:
    """Refuses settings of other tasks' losses, which would do nothing.

    Raises:
        UsageError: Says whose they are.
    """
    everyone = frozenset().union(*(task.aims for task in TASKS.values()))
    for field in sorted(everyone - find_task(name).aims):
        value = getattr(train, field)
        if value == TrainConfig.model_fields[field].default:
            continue
        whose = [k for k, task in TASKS.items() if field in task.aims]
        raise UsageError(
            f"`train.{field}` has no meaning for {name}.",
            expected=f"a {' or '.join(whose)}",
            received=f"train.{field}={value}",
            hint="leave it out",
        )


def check_augment(name: str, augment: str, spec: Spec) -> None:
    """Refuses variations that the task or its images cannot have.

    Args:
        name: The task's.
        augment: As `--augment` takes it.
        spec: The data's description.

    Raises:
        UsageError: Says what can be had.
    """
    chosen = choose(augment)
    channels = spec.input.shape[-1] if spec.input.kind == "image" else None
    wrong = ""
    if augment != "none" and channels is None:
        wrong = (
            "none for texts"
            if spec.input.kind in ("text", "tokens")
            else "none for tables"
        )
    elif chosen.joined and not find_task(name).mixes:
        wrong = f"a classification for {' and '.join(chosen.joined)}"
    elif chosen.variation == "rand" and channels not in (1, 3):
        wrong = "one channel or three for rand"
    elif chosen.variation == "rand" and spec.target.kind == "mask":
        wrong = "light or strong for masks, which are moved along"
    if wrong:
        raise UsageError(
            f"`{spec.name}` cannot be varied so for {name}.",
            expected=wrong,
            received=f"--augment {augment}",
            hint="--augment none",
        )


def make_task(name: str, spec: Spec, train: TrainConfig | None = None) -> Task:
    """Returns the task called `name` for this data.

    Args:
        name: The task's.
        spec: The data's description.
        train: What is aimed at in training; by default the usual.

    Raises:
        UsageError: If there is none, or the data's target does not fit it.
    """
    entry = find_task(name)
    if spec.target.kind not in entry.targets:
        raise _misfit((name,), spec)
    return entry.load()(spec, train)


def _fitting(spec: Spec, config: DataConfig | None) -> str:
    notes = [
        note.name
        for note in known_notes().values()
        if any(
            name in TASKS and spec.target.kind in TASKS[name].targets
            for name in note.tasks
        )
    ]
    if not notes:
        return "no note fits this data (`kn list`)"
    if config and config.source == SOURCE:
        return f"kerasnotes.fit({notes[0]!r}, data) fits this data"
    arguments = (
        ["--data", config.source, *option_words(config)] if config else []
    )
    fitting = command("fit", notes[0], *arguments)
    return f"`{fitting}` fits this data (`kn list` shows all notes)"
