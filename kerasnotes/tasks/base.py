"""What a task is: the meaning of a network's output.

A task never builds or trains a network. It is told the data's `Spec` and
offers: the loss and metrics to compile with, the report on a split, the
picture of what the model does, and the way from a file to an input and from
an output to a file.
"""

import abc
import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from kerasnotes.data.dataset import Array, Split
from kerasnotes.data.spec import Spec
from kerasnotes.types import Progress

Draw = Callable[[Path], None]


@dataclasses.dataclass(frozen=True)
class Report:
    """What was measured on one split.

    Args:
        metrics: Every number by name; the order is the order of print.
        figures: Draws each picture into a file, by file name without suffix.
    """

    metrics: dict[str, float]
    figures: dict[str, Draw] = dataclasses.field(default_factory=dict)


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
        batch_size: int,
        progress: Progress | None = None,
    ) -> Report:
        """Measures `model` on every example of `split`."""

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
