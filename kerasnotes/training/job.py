"""All that one training run works with, made from its settings."""

import dataclasses
from typing import Any

import keras

from kerasnotes.base.config import DataConfig
from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.data.augment import make_augment
from kerasnotes.data.batches import Batches, PatchGrid
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.load import load
from kerasnotes.data.spec import Spec
from kerasnotes.data.statistics import fit as fit_statistics
from kerasnotes.tasks.base import Task
from kerasnotes.tasks.catalog import make_task
from kerasnotes.training.plan import Monitor
from kerasnotes.training.progress import Reporter
from kerasnotes.training.settings import Settings

WHOLE = 160
"""Images up to this side, in pixels, are trained on whole."""
PATCH = 128


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
    """

    settings: Settings
    dataset: Dataset
    task: Task
    statistics: tuple[list[float], list[float]]
    model: Any
    reporter: Reporter

    @property
    def own_objective(self) -> bool:
        """Whether the network itself makes the loss."""
        return isinstance(self.model, ObjectiveModel)

    @property
    def monitor(self) -> Monitor:
        """What picks the best epoch: the network's word, or the task's."""
        if isinstance(self.model, ObjectiveModel):
            return Monitor(self.model.monitor, -1)
        return Monitor(self.task.monitor)

    def training_batches(self, parts: int = 1, start: int = 0) -> Batches:
        """Returns the training data; see `Batches`."""
        train, data = self.settings.train, self.settings.data
        spec = self.dataset.spec
        weigh = getattr(self.settings.model, "pixel_weight", lambda: None)
        return Batches(
            self.dataset.train,
            spec,
            batch_size=train.batch_size,
            seed=train.seed,
            parts=parts,
            patch=data.patch,
            augment=make_augment(data.augment or "none", spec, train.seed),
            pixel_weight=weigh(),
            labelled=self.own_objective,
            passes=train.passes,
            start=start,
        )

    def validation_batches(self) -> Batches | None:
        """Returns the validation data, or `None` if there is none."""
        if not len(self.dataset.validation):
            return None
        return Batches(
            self.dataset.validation,
            self.dataset.spec,
            batch_size=self.settings.train.batch_size,
            patch=self.settings.data.patch,
            labelled=self.own_objective,
            shuffle=False,
        )


def prepare(
    settings: Settings,
    reporter: Reporter,
    fitted: tuple[list[float], list[float]] | None = None,
) -> Job:
    """Loads the data and builds everything that does not need a folder.

    Args:
        settings: As given; what was left open is resolved here.
        reporter: Who is told.
        fitted: Statistics of an earlier session; fitted anew if `None`.

    Raises:
        DataError: If the data cannot be used.
        UsageError: If the data does not fit the note's task.
    """
    dataset = load(settings.data, settings.arrays)
    for remark in dataset.remarks:
        reporter.say(remark)
    task = make_task(settings.note.task, dataset.spec)
    settings = resolve(settings, dataset, task)
    if fitted is None:
        mean, variance = fit_statistics(dataset.train, dataset.spec)
        fitted = (mean.tolist(), variance.tolist())
    keras.utils.set_random_seed(settings.train.seed)
    model = settings.note.model_class()(settings.model, dataset.spec, *fitted)
    return Job(settings, dataset, task, fitted, model, reporter)


def resolve(settings: Settings, dataset: Dataset, task: Task) -> Settings:
    """Fills in what depends on the data: patch, augmentation, sizes."""
    spec = dataset.spec
    data = resolve_data(settings.data, spec, task)
    settings = dataclasses.replace(settings, data=data)
    examples = len(dataset.train)
    if data.patch:
        shape = (data.patch, data.patch, spec.shape[-1])
        examples = len(PatchGrid(dataset.train, spec, data.patch))
        spec = dataclasses.replace(spec, shape=shape)
    return settings.resolve(spec, examples)


def resolve_data(data: DataConfig, spec: Spec, task: Task) -> DataConfig:
    """Returns the data settings with patch and augmentation decided."""
    augment = data.augment
    if augment is None:
        augment = task.augment if spec.input == "image" else "none"
    patch = data.patch
    if spec.target == "mask" and patch is None:
        whole = all(size and size <= WHOLE for size in spec.shape[:2])
        patch = None if whole else PATCH
    changes = {"augment": augment, "patch": patch}
    return data.model_copy(update=changes)
