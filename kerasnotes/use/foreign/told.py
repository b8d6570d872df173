"""What a user says of a `.keras` file that says too little of itself."""

import dataclasses
import math
from collections.abc import Sequence

from kerasnotes.base.errors import UsageError, unknown_name
from kerasnotes.data.held.arrays import InMemory

KINDS = ("probabilities", "logits")
"""What numbers a classifier may answer with."""


@dataclasses.dataclass(frozen=True)
class FileDescription:
    """What a user says of a file that says too little of itself.

    Args:
        data: Data source, or arrays in memory.
        classes: Every class, in the order of the model's outputs.
        answers: What its numbers are.
        scale: What the smallest and largest raw value are fed as.
    """

    data: str | InMemory | None = None
    classes: tuple[str, ...] | None = None
    answers: str | None = None
    scale: tuple[float, float] | None = None

    @classmethod
    def of(
        cls,
        data: str | InMemory | None = None,
        classes: Sequence[str] | None = None,
        answers: str | None = None,
        scale: Sequence[float] | None = None,
    ) -> "FileDescription":
        """Checks what was said.

        Raises:
            UsageError: If `answers` is no kind of numbers, or `scale` no two
                different ones.
        """
        if answers not in (None, *KINDS):
            raise unknown_name("kind of answers", answers, KINDS)
        if scale is not None and not _is_range(scale):
            raise UsageError(
                "`scale` is no range.",
                expected="two different finite numbers, as 0 and 1",
                received=", ".join(map(str, scale)),
            )
        names = None if classes is None else tuple(map(str, classes))
        low_high = None if scale is None else (scale[0], scale[1])
        return cls(data, names, answers, low_high)


def _is_range(scale: Sequence[float]) -> bool:
    finite = all(math.isfinite(value) for value in scale)
    return len(scale) == 2 and finite and scale[0] != scale[1]
