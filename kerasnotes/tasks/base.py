"""What a task is: the meaning of a network's output.

A task never builds or trains the network that it measures. It is told the
data's `Spec` and offers: the loss and metrics to compile with, the report on
a split, the picture of what the model does, and the way from a file to an
input and from an output to a file.
"""

import abc
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from kerasnotes.base.config import TrainConfig
from kerasnotes.base.types import Progress
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.report import Conditions, Prediction, Report
from kerasnotes.data.dataset import Split
from kerasnotes.data.spec import Spec
from kerasnotes.tasks.inputs import Input


class Task(abc.ABC):
    """Base of the tasks.

    Args:
        spec: The data's description.
        train: What is aimed at in training; by default the usual.
    """

    name: ClassVar[str]
    monitor: str
    """The validation metric that picks the best epoch."""
    sign: ClassVar[int] = 1
    """-1 where less of it is better."""
    picture: ClassVar[str] = "predictions"
    """Name of the picture of what the model does, without suffix."""
    options: ClassVar[frozenset[str]] = frozenset()
    """Fields of `Conditions` that a user may set, beside the usual ones."""

    def __init__(self, spec: Spec, train: TrainConfig | None = None) -> None:
        self.spec = spec
        self.train = train or TrainConfig.model_validate({})

    @abc.abstractmethod
    def loss(self) -> Any:
        """Returns a new Keras loss for `compile`."""

    @abc.abstractmethod
    def metrics(self) -> list[Any]:
        """Returns new Keras metrics for `compile`."""

    @abc.abstractmethod
    def evaluate(
        self,
        model: Answering,
        split: Split,
        conditions: Conditions,
    ) -> Report:
        """Measures `model` on every example of `split`."""

    def calibrate(self, model: Answering, validation: Split) -> Spec | None:
        """Returns the description with what validation tells of the answers.

        Asked once, of the weights that training ends with; `None` if there
        is nothing to add.
        """
        return None

    def draw_epoch(self, model: Answering, folder: Path, epoch: int) -> None:
        """Draws how far training has come, once an epoch."""
        return

    @abc.abstractmethod
    def draw_predictions(
        self, model: Answering, split: Split, path: Path, count: int = 8
    ) -> None:
        """Writes the picture of what the model does to `path` (PNG)."""

    @abc.abstractmethod
    def predict(
        self,
        model: Answering,
        paths: Sequence[Input],
        batch_size: int,
        progress: Progress | None = None,
    ) -> list[Prediction]:
        """Reads files as inputs and returns the model's answers.

        Raises:
            DataError: If a file cannot be read as an input.
        """
