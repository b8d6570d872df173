"""What the notes that read sequences have in common: their fields."""

from typing import Any, ClassVar

import pydantic

from kerasnotes.contracts.config import ScaledConfig, batch_size_for
from kerasnotes.data.fields import Kind
from kerasnotes.data.spec import Spec

FEW = 5_000
"""Windows below which a forecast learns by large steps."""


class SequenceConfig(ScaledConfig):
    """Base of the fields of notes that read series and texts."""

    takes: ClassVar[tuple[Kind, ...]] = ("series", "text")
    reads_images: ClassVar[str] = "rows"
    reads_future: ClassVar[bool] = True
    takes_varied: ClassVar[bool] = True

    linear_path: bool | None = pydantic.Field(
        None,
        description="forecasts: whether a linear map of each column's past is "
        "added, which starts at least squares; null: yes",
    )

    embedding: int = pydantic.Field(
        64, ge=1, le=8_192, description="texts: numbers that a token becomes"
    )

    @property
    def has_line(self) -> bool:
        return self.linear_path is not False


def usual_training(spec: Spec, examples: int) -> dict[str, Any]:
    """Returns training defaults.

    Of a forecast there are fewer epochs and, of many windows, small steps:
    neighbouring windows are alike, and what they have in common with the
    next months is soon learned.

    Args:
        spec: The data.
        examples: Of the training part.
    """
    size = {"batch_size": batch_size_for(examples)}
    if spec.target.kind == "series":
        rate = 1e-3 if examples < FEW else 1e-4
        return {**size, "epochs": 10, "learning_rate": rate}
    if spec.input.kind == "tokens":
        size = {"batch_size": batch_size_for(examples, most=64)}
        return {**size, "epochs": 10, "learning_rate": 2e-3}
    if spec.target.kind == "sequence":
        size = {"batch_size": batch_size_for(examples, most=64)}
        smooth = {"label_smoothing": 0.1}
        return {**size, **smooth, "epochs": 15, "learning_rate": 2e-3}
    if spec.input.kind == "text":
        return {**size, "epochs": 15, "learning_rate": 2e-3}
    epochs = 15 if examples >= 10_000 else 60
    return {**size, "epochs": epochs, "learning_rate": 2e-3}
