"""What the notes that draw pixel after pixel have in common: their fields."""

from typing import Any, ClassVar, Literal

import pydantic

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.config import NoteConfig, check_conditional
from kerasnotes.data.fields import Kind
from kerasnotes.data.spec import Spec


class AutoregressiveConfig(NoteConfig):
    """What a pixel is, and what the network knows besides."""

    takes: ClassVar[tuple[Kind, ...]] = ("image",)

    levels: int = pydantic.Field(
        2, ge=2, le=256, description="values of a pixel; 2 is black and white"
    )
    binarize: Literal["stochastic", "threshold"] = pydantic.Field(
        "stochastic",
        description="grey to black or white: drawn anew each time with the "
        "grey value as probability, or at half; their likelihoods are not "
        "comparable",
    )
    conditional: bool = pydantic.Field(
        False, description="tell the network the class"
    )

    def check(self, note: str, spec: Spec) -> None:
        """Raises a `UsageError` for what does not go together."""
        check_conditional(self.conditional, spec)
        if None in spec.input.shape:
            raise UsageError(
                f"A {note} needs images of one size.",
                expected="one height and width",
                received=f"{spec.name}: shape {spec.input.shape}",
                hint="--set data.image_size=64",
            )
        if self.levels > 2 and self.binarize != "stochastic":
            raise UsageError(
                "Only two levels are binarized.",
                expected="levels=2 with binarize=threshold",
                received=f"levels={self.levels}, binarize={self.binarize}",
            )

    def pixel_size(self, spec: Spec) -> tuple[int, ...]:
        """Returns `(H, W, C)`."""
        return tuple(int(side or 0) for side in spec.input.shape)


def usual_training(rate: float, examples: int) -> dict[str, Any]:
    """Returns how long and fast such a network learns, if nobody says."""
    small = examples < 10_000
    return {
        "batch_size": 32 if small else 64,
        "epochs": 60 if small else 10,
        "learning_rate": rate,
        "weight_decay": 0.0,
        "ema": 0.995 if small else 0.999,
    }
