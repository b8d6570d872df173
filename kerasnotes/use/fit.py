"""Training a note or going on with a run: what `kn fit` does."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kerasnotes.base.commands import command
from kerasnotes.base.ensembles import (
    COMBINE,
    COMBINED,
    MEMBERS,
    MOST_MEMBERS,
    Combine,
    Members,
)
from kerasnotes.base.errors import (
    InterruptedRunError,
    UsageError,
    unknown_name,
)
from kerasnotes.data.held.arrays import InMemory
from kerasnotes.data.words import SOURCE
from kerasnotes.notes import Note, find
from kerasnotes.runs.lock import check_free
from kerasnotes.runs.run import (
    RESUMED,
    check_empty,
    find_run,
    is_run,
    open_run,
)
from kerasnotes.runtime.setup import Choice, running_backend, setup
from kerasnotes.tasks.catalog import find_task
from kerasnotes.training import resolving, settings
from kerasnotes.training.progress import Reporter
from kerasnotes.training.settings import Settings
from kerasnotes.training.transfer.freezing import COPIED
from kerasnotes.training.transfer.source import (
    CV,
    absolute,
    is_body,
    is_foreign,
    read_settings,
)
from kerasnotes.use.ensembles.plan import FILE, Plan

if TYPE_CHECKING:
    from kerasnotes.training.finishing import Outcome

TRAIN_OPTIONS = (
    "epochs",
    "batch_size",
    "learning_rate",
    "seed",
    "time_limit",
    "early_stop",
    "start_from",
    "freeze",
    "unfreeze_after",
    "lr_scale",
)
"""Fields of `TrainConfig` that are options of their own."""
HOW = {"freeze", "unfreeze_after", "lr_scale"}
"""Fields of `TrainConfig` that say what learns of copied layers, and how."""


@dataclasses.dataclass(frozen=True)
class FitRequest:
    """What a user wants trained; `None` leaves it open.

    Args:
        note: The note's name.
        resume: A run to go on with, in place of a note.
        data: Source, or arrays in memory; of a run that goes on, where the
            data of its training are now.
        train: Values of `TRAIN_OPTIONS`, by name.
        augment: How the training images are varied.
        classes: Class names.
        settings: Single settings: names (`width`, `train.ema`) and values.
        config: A YAML file of settings.
        out: The run's own folder.
        backend: Which backend.
        precision: Which arithmetic.
        command: What the record says was called.
        ensemble: Networks to train and to put together; `None` for one
            network.
        members: What they differ in, one of `base.ensembles.MEMBERS`; `None`
            for their seeds.
        combine: How they answer together, one of `base.ensembles.COMBINE`;
            `None` for their mean.
        baseline: Whether a run that begins with copied weights is followed
            by one from scratch, to compare.
    """

    note: str | None = None
    resume: Path | None = None
    data: str | InMemory | None = None
    train: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    augment: str | None = None
    classes: Sequence[str] | None = None
    settings: Sequence[tuple[str, Any]] = ()
    config: Path | None = None
    out: Path | None = None
    backend: str | None = None
    precision: str | None = None
    command: str | None = None
    ensemble: int | None = None
    members: str | None = None
    combine: str | None = None
    baseline: bool = True

    @property
    def arrays(self) -> InMemory | None:
        """The data, if they are in memory."""
        return self.data if isinstance(self.data, InMemory) else None


def fit(request: FitRequest, reporter: Reporter) -> "Outcome":
    """Trains a new run, or goes on with one.

    What can be checked is checked before a framework takes seconds to
    start.

    Args:
        request: What is wanted.
        reporter: Who is told.

    Returns:
        The run's folder and record, and why it stopped early.

    Raises:
        KerasNotesError: As described by its subclasses.
    """
    if (request.note is None) == (request.resume is None):
        raise UsageError(
            "Name a note to train, or a run to resume: one of the two.",
            hint="`kn list` shows the notes; kn fit --resume ckpts/unet",
        )
    _check_count(request)
    if request.resume is not None:
        return _resume(request, request.resume, reporter)
    note = find(str(request.note))
    if request.ensemble is not None:
        _check_note(note)
    for name in note.tasks:
        find_task(name)
    # Where reading the fields imports Keras, the backend comes first.
    choice = None if note.light else setup(request.backend, request.precision)
    checked = _make_settings(request, note)
    plan = _plan(request, checked)
    choice = choice or setup(request.backend, request.precision)
    _tell(choice, reporter)
    from kerasnotes.training import fit as training

    if plan is not None:
        from kerasnotes.use.ensembles.members import train_members

        return train_members(
            plan, choice, reporter, out=request.out, command=request.command
        )
    outcome = training.start(
        checked, choice, reporter, out=request.out, command=request.command
    )
    given = checked.train.start_from is not None
    if given and request.baseline and outcome.stopped != "interrupted":
        from kerasnotes.training.transfer.baseline import add_baseline

        return add_baseline(outcome, checked, choice, reporter)
    return outcome


def check_finished(outcome: "Outcome") -> None:
    """Raises an `InterruptedRunError` after Ctrl-C: there is no model yet."""
    if outcome.stopped == "interrupted":
        folder = outcome.run.folder
        raise InterruptedRunError(
            f"Interrupted; everything is saved in {folder}.",
            hint=command("fit", "--resume", folder),
        )


def _make_settings(request: FitRequest, note: Note) -> Settings:
    source = SOURCE if request.arrays else request.data
    named = {
        "train": request.train,
        "data": {
            "source": source,
            "augment": request.augment,
            "classes": request.classes,
        },
    }
    blocks = settings.merge(request.config, request.settings, named, note)
    _begin_with(blocks, note)
    checked = settings.make(note, blocks)
    if request.arrays is None:
        resolving.check_data(checked)
    if request.out is not None:
        check_empty(request.out)
    return dataclasses.replace(checked, arrays=request.arrays)


def _check_count(request: FitRequest) -> None:
    """Refuses ensembles of one, and what they do not go together with."""
    count = request.ensemble
    words = {"members": MEMBERS, "combine": COMBINE}
    for name, known in words.items():
        value = getattr(request, name)
        if value is not None and value not in known:
            raise unknown_name(name, value, known)
        if value is not None and count is None:
            raise UsageError(
                f"`{name}` is said of an ensemble.",
                expected="--ensemble N beside it",
                received=f"{name}={value}",
            )
    if count is None:
        return
    if not 2 <= count <= MOST_MEMBERS:
        raise UsageError(
            f"An ensemble has two members or more, up to {MOST_MEMBERS}; "
            "each has a fold of its own, if there are folds.",
            expected=f"2 to {MOST_MEMBERS}",
            received=str(count),
        )
    for name in ("resume", "arrays"):
        if getattr(request, name) is not None:
            raise UsageError(
                "Members of an ensemble are trained from a source, anew.",
                expected="a note, and data of a name or path",
                received=f"ensemble={count} with {name}",
                hint="write them to an .npz file, and train on that",
            )


def _plan(request: FitRequest, checked: Settings) -> Plan | None:
    """Returns what an ensemble trains, checked; `None` for one network."""
    if request.ensemble is None:
        return None
    plan = Plan(
        checked,
        request.ensemble,
        cast(Members, request.members or "seeds"),
        cast(Combine, request.combine or "mean"),
    )
    plan.check()
    return plan


def _begin_with(blocks: settings.Blocks, note: Note) -> None:
    """Takes the sizes of the network that a run begins with."""
    source = blocks["train"].get("start_from")
    if not isinstance(source, str):
        return
    if is_foreign(source) or source.startswith(CV):
        source = absolute(source)
    else:
        source = str(find_run(Path(source).expanduser()).absolute())
    blocks["train"]["start_from"] = source
    own = read_settings(source, note)
    blocks["model"] = {**own, **blocks["model"]}
    if is_body(source, note) and not HOW & blocks["train"].keys():
        # The quick way, unless another is told: only the head learns, of
        # features that are computed once.
        blocks["train"]["freeze"] = [COPIED]
        blocks["data"].setdefault("augment", "none")


def _resume(request: FitRequest, folder: Path, reporter: Reporter) -> "Outcome":
    _check_unchanged(request)
    if (folder / FILE).is_file() and not is_run(folder):
        _check_begun(request, folder)
        choice = setup(request.backend, request.precision)
        _tell(choice, reporter)
        from kerasnotes.use.ensembles.members import go_on

        return go_on(folder, choice, reporter, request.command)
    _check_trainable(folder)
    check_free(open_run(folder).folder)
    choice = _choose(folder, request)
    _tell(choice, reporter)
    from kerasnotes.training import fit as training

    changes = {k: v for k, v in request.train.items() if v is not None}
    return training.resume(
        folder,
        changes,
        choice,
        reporter,
        arrays=request.arrays,
        source=None if request.arrays else cast(str | None, request.data),
        command=request.command,
    )


def _check_note(note: Note) -> None:
    """Refuses notes whose answers cannot be put together, before training."""
    if not COMBINED & set(note.tasks):
        raise UsageError(
            f"Networks of {note.name} cannot be put together.",
            expected="a note that classifies, or that measures values",
            received=" or ".join(note.tasks),
        )


def _check_trainable(folder: Path) -> None:
    """Refuses ensembles: their members may be trained further."""
    record = open_run(folder).read_record()
    if "members" in record:
        raise UsageError(
            f"{folder} is an ensemble: it cannot be trained further.",
            expected="one of its members",
            received=", ".join(m["path"] for m in record["members"])[:200],
            hint="resume its members, then kn ensemble RUN RUN ...",
        )


def _check_unchanged(request: FitRequest) -> None:
    """Refuses what a resumed run does not take."""
    for name in ("augment", "classes", "config", "out", "settings"):
        value = getattr(request, name)
        if value:
            raise UsageError(
                f"A resumed run keeps its settings: `{name}` cannot be given.",
                received=f"{name}={value}",
                hint="start a new run for other settings",
            )


def _check_begun(request: FitRequest, folder: Path) -> None:
    """Refuses changes of an ensemble whose members are half trained."""
    given = {k: v for k, v in request.train.items() if v is not None}
    if request.data is not None:
        given["data"] = request.data
    if given:
        raise UsageError(
            "An ensemble goes on as it was begun: its members are alike.",
            received=", ".join(f"{k}={v}" for k, v in given.items()),
            hint=command("fit", "--resume", folder),
        )


def _choose(folder: Path, request: FitRequest) -> Choice:
    """Sets up the backend that a run goes on with.

    It is that of the run, unless another is asked for, or Keras is running
    on another already and nobody asks.
    """
    before = open_run(folder).read_record(*RESUMED)["environment"]
    backend = request.backend or running_backend() or before["backend"]
    if backend != before["backend"]:
        return setup(backend, request.precision)
    choice = setup(backend, request.precision or before["precision"])
    if request.backend is not None:
        return choice
    return dataclasses.replace(choice, reason="as the run before")


def _tell(choice: Choice, reporter: Reporter) -> None:
    reporter.say(f"{choice.backend} on {choice.device_name}: {choice.reason}")
