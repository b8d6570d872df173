"""What the notes that read series have in common: their fields."""

from typing import Any, ClassVar

import pydantic

from kerasnotes.contracts.config import ScaledConfig
from kerasnotes.data.fields import Kind
from kerasnotes.data.spec import Spec


class SequenceConfig(ScaledConfig):
    """Base of the fields of notes that read series."""

    takes: ClassVar[tuple[Kind, ...]] = ("series",)
    reads_images: ClassVar[str] = "rows"

    linear_path: bool | None = pydantic.Field(
        None,
        description="forecasts: whether a linear map of each column's past is "
        "added, which starts at least squares; null: yes",
    )

    @property
    def has_line(self) -> bool:
        return self.linear_path is not False


def usual_training(spec: Spec, batch_size: int, epochs: int) -> dict[str, Any]:
    """Returns training defaults: fewer epochs of a forecast, which overfits."""
    forecast = spec.target.kind == "series"
    return {
        "batch_size": batch_size,
        "epochs": min(epochs, 10) if forecast else epochs,
        "learning_rate": 1e-3 if forecast else 2e-3,
    }
