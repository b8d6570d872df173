"""All that one training run works with, made from its settings."""

import dataclasses
import functools
from pathlib import Path
from typing import Any

import keras

from kerasnotes.base.augmentation import choose
from kerasnotes.base.config import SOLVERS
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.contracts.capabilities import (
    CarriesTraining,
    LearnsInStages,
    WeighsPixels,
)
from kerasnotes.contracts.note import NoteModel
from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.data.augmentation.augment import make_augment
from kerasnotes.data.augmentation.mixing import Mixing
from kerasnotes.data.balanced import Balanced, class_counts, class_weights
from kerasnotes.data.batches import Batches
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.load import load
from kerasnotes.data.series.windows import some_windows
from kerasnotes.data.spec import Spec
from kerasnotes.data.statistics import fit_scale
from kerasnotes.data.text.making import read_as as texts_as
from kerasnotes.runs.run import Record, find_model
from kerasnotes.tasks.base import Task
from kerasnotes.tasks.catalog import choose_task, make_task
from kerasnotes.training.plan import Monitor
from kerasnotes.training.progress import Reporter
from kerasnotes.training.resolving import resolve
from kerasnotes.training.settings import Settings
from kerasnotes.training.transfer.copying import (
    SHOWN,
    Copied,
    copy_weights,
    same_scale,
)
from kerasnotes.training.transfer.freezing import (
    COPIED,
    check_own_stages,
    choose_layers,
)
from kerasnotes.training.transfer.source import is_foreign, open_source

NAMED = 10
"""Columns named in one error."""
FEW = 20
"""Validation examples below which they choose no epoch: one answer more or
less is then 5 % or more, the noise of a coin."""


@dataclasses.dataclass
class Job:
    """One run's parts.

    Args:
        settings: Resolved for the data.
        dataset: The three splits.
        task: What the output means.
        statistics: Mean and variance of the training inputs.
        model: The network.
        reporter: Who is told.
        head_kept: Whether the head begins with weights of another network.
    """

    settings: Settings
    dataset: Dataset
    task: Task
    statistics: tuple[list[float], list[float]]
    model: NoteModel | ObjectiveModel
    reporter: Reporter
    head_kept: bool = False

    @property
    def own_objective(self) -> bool:
        """Whether the network itself makes the loss."""
        return isinstance(self.model, ObjectiveModel)

    @property
    def in_streams(self) -> bool:
        """Whether a text is learned in its order, row by row."""
        model = self.model
        return isinstance(model, CarriesTraining) and model.carries

    @property
    def told_target(self) -> bool:
        """Whether batches tell the network what it is to answer."""
        translated = self.dataset.spec.targets[0].kind == "sequence"
        return self.own_objective or translated

    @property
    def monitor(self) -> Monitor:
        """What picks the best epoch: the network's word, or the task's.

        Of few validation examples, neither: the last epoch is taken.
        """
        name: str | None = self.task.monitor
        sign = self.task.sign
        if isinstance(self.model, ObjectiveModel):
            name, sign = self.model.monitor, -1
        if self.settings.train.optimizer in SOLVERS:
            # Its last epoch is its best, as the solver measures it.
            name = None
        return Monitor(None if self.few else name, sign)

    @functools.cached_property
    def few(self) -> int:
        """Number of validation examples, or patches, if they are too few."""
        batches = self.validation_batches()
        count = 0 if batches is None else batches.examples
        return count if count < FEW else 0

    def training_batches(self, parts: int = 1, start: int = 0) -> Batches:
        """Returns the training data; see `Batches`."""
        train, data = self.settings.train, self.settings.data
        spec = self.dataset.spec
        weigh, model = None, self.settings.model
        if isinstance(model, WeighsPixels):
            weigh = model.pixel_weight()
        chosen = choose(data.augment or "none")
        split, weights = self.dataset.train, None
        classes = spec.target.num_classes
        if train.imbalance == "sampling":
            split = Balanced(split, classes)
        elif train.imbalance == "weights":
            weights = class_weights(class_counts(split, classes))
        mixing = Mixing(chosen.joined, classes, train.seed)
        return Batches(
            split,
            spec,
            batch_size=train.batch_size,
            seed=train.seed,
            parts=parts,
            patch=data.patch,
            augment=make_augment(chosen.variation, spec, train.seed),
            mixing=mixing if chosen.joined else None,
            varied=train.epochs - round(train.unvaried * train.epochs),
            class_weights=weights,
            pixel_weight=weigh,
            labelled=self.told_target,
            streams=self.in_streams,
            passes=train.passes,
            start=start,
        )

    def validation_batches(self) -> Batches | None:
        """Returns the validation data, or `None` if there is none."""
        if not len(self.dataset.validation):
            return None
        return Batches(
            some_windows(self.dataset.validation),
            self.dataset.spec,
            batch_size=self.settings.train.batch_size,
            patch=self.settings.data.patch,
            labelled=self.told_target,
            shuffle=False,
        )


def prepare(
    settings: Settings,
    reporter: Reporter,
    before: Record | None = None,
) -> Job:
    """Loads the data and builds everything that does not need a folder.

    Args:
        settings: As given; what was left open is resolved here.
        reporter: Who is told.
        before: The record of the run that goes on: its statistics are
            kept, and its data must be the same.

    Raises:
        DataError: If the data cannot be used, or are others than before.
        UsageError: If the data does not fit the note's task.
    """
    dataset = load(settings.data, settings.arrays)
    if before is not None:
        _check_same_data(dataset, settings.data.source, before)
        dataset = texts_as(dataset, Spec.from_json(before["spec"]))
    for remark in dataset.remarks:
        reporter.say(remark)
    name = choose_task(settings.note, dataset.spec, settings.data)
    settings = resolve(settings, dataset.spec, dataset.train)
    task = make_task(name, dataset.spec, settings.train)
    origin = None
    if settings.train.start_from and (before is None or _unsaved(before)):
        origin = open_source(
            settings.train.start_from, settings.note, settings.model
        )
        if is_foreign(settings.train.start_from):
            # Its sizes may be known from here on only.
            settings = dataclasses.replace(settings, model=origin.note_config)
    if before is not None:
        fitted = tuple(before["statistics"])
    else:
        scale = settings.model.input_scale
        mean, variance = fit_scale(dataset.train, dataset.spec, scale)
        fitted = (mean.tolist(), variance.tolist())
        tokens = dataset.spec.input.kind in ("text", "tokens")
        raw = scale == "none" or tokens
        if origin is not None and not raw:
            fitted = _statistics(origin, dataset, fitted, reporter)
    keras.utils.set_random_seed(settings.train.seed)
    model = settings.note.model_class()(settings.model, dataset.spec, *fitted)
    check_own_stages(model, settings.train)
    settings, head_kept = _begin(settings, origin, model, reporter)
    if origin is not None:
        _tell_sizes(origin.spec, dataset.spec, reporter)
        _warn_of_leaks(settings, dataset, reporter)
    return Job(settings, dataset, task, fitted, model, reporter, head_kept)


def _tell_sizes(origin: Spec, own: Spec, reporter: Reporter) -> None:
    """Says it where images are larger, or smaller, than the source's."""
    kinds = {origin.input.kind, own.input.kind}
    sizes = [spec.input.shape[:2] for spec in (origin, own)]
    known = all(None not in size for size in sizes)
    if kinds != {"image"} or not known or sizes[0] == sizes[1]:
        return
    was, now = ("x".join(map(str, size)) for size in sizes)
    reporter.say(
        f"The source was trained on images of {was}; these are {now}, and "
        "what it sees in them has another size: --image-size."
    )


def _statistics(
    origin: Any, dataset: Dataset, own: Any, reporter: Reporter
) -> Any:
    """Returns what inputs are normalized by: the source's, if they fit."""
    described = origin.get_config()
    kept = described["mean"], described["variance"]
    if same_scale(origin.spec, dataset.spec, kept, own):
        return kept
    reporter.say(
        "Inputs are others than the source's, or on another scale: they are "
        "normalized by their own training part."
    )
    return own


def _warn_of_leaks(
    settings: Settings, dataset: Dataset, reporter: Reporter
) -> None:
    """Says it where the source may have learned what this is tested on."""
    source = str(settings.train.start_from)
    if is_foreign(source):
        return
    _, record = find_model(Path(source))
    told = record.get("data", {})
    if told.get("fingerprint") != dataset.fingerprint:
        return
    before = record.get("config", {}).get("data", {})
    now = settings.data.model_dump(mode="json")
    parts = ("split_seed", "validation", "test", "folds", "fold")
    if any(before.get(name) != now[name] for name in parts):
        reporter.say(
            "The source learned from the same data, divided otherwise: what "
            "this run is measured on may be what the source learned."
        )


def _unsaved(before: Record) -> bool:
    """Whether a run was stopped before its first weights were on disk."""
    return bool(before["status"] == "created")


def _begin(
    settings: Settings, origin: Any, model: Any, reporter: Reporter
) -> tuple[Settings, bool]:
    """Copies weights.

    Returns:
        The settings with frozen layers by name, and whether the head has
        weights of the source.
    """
    train, head_kept = settings.train, False
    copied: tuple[str, ...] = train.freeze
    if origin is not None:
        done = copy_weights(origin, model)
        _check_whole(model, done, str(train.start_from))
        copied, head_kept = done.layers, done.head
        reporter.say(done.tell(str(train.start_from)))
    if not train.freeze:
        return settings, head_kept
    if COPIED in train.freeze and origin is None:
        raise UsageError(
            "Nothing was copied that could be frozen.",
            expected=f"--from RUN beside --freeze {COPIED}",
            received=f"--freeze {COPIED} alone",
        )
    names = choose_layers(model, train.freeze, copied)
    random = "" if train.start_from else ", as they are at random"
    told = ", ".join(names)
    if len(names) > SHOWN:
        told = f"{len(names)} layers, {names[0]} to {names[-1]}"
    reporter.say(f"Frozen{random}: {told}.")
    turn = train.unfreeze_after
    if turn is not None and turn >= train.epochs:
        reporter.say(
            f"They stay so: there are {train.epochs} epochs, and they would "
            f"learn after {turn}."
        )
    train = train.model_copy(update={"freeze": names})
    return dataclasses.replace(settings, train=train), head_kept


def _check_whole(model: Any, done: Copied, source: str) -> None:
    """Refuses parts of a network where all of it is frozen at once."""
    if not isinstance(model, LearnsInStages):
        return
    known: Any = model
    new = [n for n in done.fresh if known.get_layer(n).trainable_weights]
    if new:
        raise UsageError(
            f"{source} is not the whole network: what others learn around is "
            "frozen.",
            expected="weights of all layers, which answer the same",
            received="new: " + ", ".join(new[:SHOWN]),
            hint="leave --from out: the network is then trained first",
        )


def _check_same_data(dataset: Dataset, source: str, before: Record) -> None:
    expected = before["data"]["fingerprint"]
    if dataset.fingerprint != expected:
        raise DataError(
            f"The data in {source} is not what this run was trained on.",
            expected=f"fingerprint {expected}",
            received=dataset.fingerprint,
            hint="bring the data back, or start a new run",
        )
    # Columns of an older run's record may have no names.
    known = Spec.from_json(before["spec"]).input.names
    names = dataset.spec.input.names
    if known and names != known:
        raise DataError(
            f"The columns of {source} are called otherwise than in training.",
            expected=", ".join(known[:NAMED]),
            received=", ".join(names[:NAMED]),
            hint="name them as they were; their order counts as well",
        )
