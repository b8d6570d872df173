"""What measuring and predicting give: reports, predictions, conditions."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.generation import Request
from kerasnotes.data.dataset import Split

Draw = Callable[[Path], None]

PREDICTED = "predicted "
"""Begins the name of a measured value in a prediction's row."""
LOW, HIGH = "low ", "high "
"""Begin the names of the ends of its band."""


class Origin(Protocol):
    """What an answer is for: a file, or an array in memory."""

    @property
    def stem(self) -> str:
        """Its name without a suffix, to name pictures by."""


@dataclasses.dataclass(frozen=True)
class Report:
    """What was measured on one split.

    Args:
        metrics: Every number by name; the order is the order of print.
        figures: Draws each picture into a file, by its name; a PNG's has no
            suffix.
        remarks: What one must know to read the numbers, a sentence each.
    """

    metrics: dict[str, float]
    figures: dict[str, Draw] = dataclasses.field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def file_name(figure: str) -> str:
    """Returns what the file of a report's figure is called."""
    return figure if Path(figure).suffix else f"{figure}.png"


@dataclasses.dataclass(frozen=True)
class Prediction:
    """The answer for one example.

    Args:
        path: The file, or the array in memory.
        row: The answer as flat JSON values (one row of a CSV).
        images: 8-bit pictures to write, by suffix (`mask`, `overlay`).
    """

    path: Origin
    row: dict[str, Any]
    images: dict[str, Array] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Conditions:
    """How to measure a model; what a task has no use for is left alone.

    Args:
        batch_size: Examples at once.
        progress: Told how far it is.
        train: The training part: floors, and a feature classifier.
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
