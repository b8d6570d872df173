"""A note's own fields: readable without Keras."""

from typing import Any

from kerasnotes.base.config import Config
from kerasnotes.data.spec import Spec


class NoteConfig(Config):
    """Base of every note's own fields."""

    def train_defaults(self, spec: Spec, examples: int) -> dict[str, Any]:
        """Returns the `TrainConfig` values this note does best with.

        Args:
            spec: The data, with the training size of images in `shape`.
            examples: Number of training examples or patches an epoch.
        """
        return {}
