"""What a task is: the meaning of a network's output.

A task never builds or trains the network that it measures. It is told the
data's `Spec` and offers: the loss and metrics to compile with, the report on
a split, the picture of what the model does, and the way from a file to an
input and from an output to a file.
"""

import abc
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from kerasnotes.data.dataset import Array, Split
from kerasnotes.data.spec import Spec
from kerasnotes.tasks.generating import Request
from kerasnotes.types import Progress

Draw = Callable[[Path], None]


@dataclasses.dataclass(frozen=True)
class Report:
    """What was measured on one split.

    Args:
        metrics: Every number by name; the order is the order of print.
        figures: Draws each picture into a file, by file name without suffix.
        remarks: What one must know to read the numbers, a sentence each.
    """

    metrics: dict[str, float]
    figures: dict[str, Draw] = dataclasses.field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Prediction:
    """The answer for one file.

    Args:
        path: The file.
        row: The answer as flat JSON values (one row of a CSV).
        images: 8-bit pictures to write, by suffix (`mask`, `overlay`).
    """

    path: Path
    row: dict[str, Any]
    images: dict[str, Array] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Conditions:
    """How to measure a model; what a task has no use for is left alone.

    Args:
        batch_size: Examples at once.
        progress: Told how far it is.
        train: The training part: floors, and classifiers that judge.
        other: Name and examples of another data set (`--ood`).
        samples: Monte-Carlo passes, importance samples or generated
            examples; `None` for the task's own number.
        request: How to sample, for generators.
        seed: Of everything drawn while measuring.
        folder: The run's folder, for what is worth keeping.
        quick: Seconds, not minutes: the end of `kn fit`.
    """

    batch_size: int = 32
    progress: Progress | None = None
    train: Split | None = None
    other: tuple[str, Split] | None = None
    samples: int | None = None
    request: Request | None = None
    seed: int = 0
    folder: Path | None = None
    quick: bool = False


class Task(abc.ABC):
    """Base of the tasks.

    Args:
        spec: The data's description.
    """

    name: ClassVar[str]
    target: ClassVar[Literal["class", "mask"]]
    monitor: ClassVar[str]
    """The validation metric that picks the best epoch; larger is better."""
    augment: ClassVar[Literal["none", "light", "strong"]] = "none"
    """Augmentation when the user names none."""
    picture: ClassVar[str] = "predictions"
    """Name of the picture of what the model does, without suffix."""
    options: ClassVar[frozenset[str]] = frozenset()
    """Fields of `Conditions` that a user may set, beside the usual ones."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec

    @abc.abstractmethod
    def loss(self) -> Any:
        """Returns a new Keras loss for `compile`."""

    @abc.abstractmethod
    def metrics(self) -> list[Any]:
        """Returns new Keras metrics for `compile`."""

    @abc.abstractmethod
    def evaluate(
        self,
        model: Any,
        split: Split,
        conditions: Conditions,
    ) -> Report:
        """Measures `model` on every example of `split`."""

    def draw_epoch(self, model: Any, folder: Path, epoch: int) -> None:
        """Draws how far training has come, once an epoch."""
        return

    @abc.abstractmethod
    def draw_predictions(
        self, model: Any, split: Split, path: Path, count: int = 8
    ) -> None:
        """Writes the picture of what the model does to `path` (PNG)."""

    @abc.abstractmethod
    def predict(
        self,
        model: Any,
        paths: Sequence[Path],
        batch_size: int,
        progress: Progress | None = None,
    ) -> list[Prediction]:
        """Reads files as inputs and returns the model's answers.

        Raises:
            DataError: If a file cannot be read as an input.
        """
