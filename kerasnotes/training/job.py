"""All that one training run works with, made from its settings."""

import dataclasses

import keras

from kerasnotes.contracts.capabilities import WeighsPixels
from kerasnotes.contracts.note import NoteModel
from kerasnotes.contracts.objective import ObjectiveModel
from kerasnotes.data.augment import make_augment
from kerasnotes.data.batches import Batches
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.load import load
from kerasnotes.data.statistics import fit as fit_statistics
from kerasnotes.tasks.base import Task
from kerasnotes.tasks.catalog import check_target, make_task
from kerasnotes.training.plan import Monitor
from kerasnotes.training.progress import Reporter
from kerasnotes.training.resolving import resolve
from kerasnotes.training.settings import Settings


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
    model: NoteModel | ObjectiveModel
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
        weigh, chosen = None, self.settings.model
        if isinstance(chosen, WeighsPixels):
            weigh = chosen.pixel_weight()
        return Batches(
            self.dataset.train,
            spec,
            batch_size=train.batch_size,
            seed=train.seed,
            parts=parts,
            patch=data.patch,
            augment=make_augment(data.augment or "none", spec, train.seed),
            pixel_weight=weigh,
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
    check_target(settings.note.task, dataset.spec, settings.data)
    task = make_task(settings.note.task, dataset.spec)
    settings = resolve(settings, dataset.spec, dataset.train)
    if fitted is None:
        mean, variance = fit_statistics(dataset.train, dataset.spec)
        fitted = (mean.tolist(), variance.tolist())
    keras.utils.set_random_seed(settings.train.seed)
    model = settings.note.model_class()(settings.model, dataset.spec, *fitted)
    return Job(settings, dataset, task, fitted, model, reporter)
