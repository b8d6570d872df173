"""Configuration of softmax regression."""

import pydantic

from kerasnotes.contracts.config import NoteConfig


class SoftmaxConfig(NoteConfig):
    """The penalty."""

    l2: float = pydantic.Field(
        0.0, ge=0, le=10, description="penalty of squared weights"
    )
