"""What a task needs of a model."""

from typing import Any, Protocol


class Answering(Protocol):
    """A trained `keras.Model`, or an artefact in its place."""

    def predict_on_batch(self, x: Any) -> Any:
        """Returns outputs `(B, ...)` for inputs `(B, ...)`, or by name."""
