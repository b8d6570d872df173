"""Keras is told of every note before any note is imported.

`keras.saving.load_model` looks a class up by the name that a file holds,
`kerasnotes>UNet`. Importing all notes whenever Keras is imported would take
half a second; what stands there at first imports its note when a file
names it. The note's own registration then takes its place.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

from kerasnotes.notes import NOTES


@dataclasses.dataclass(frozen=True)
class StandIn:
    """Does what Keras asks of a class in a file: builds the model.

    Args:
        find: Imports and returns the model's class.
    """

    find: Callable[[], Any]

    def from_config(
        self, config: dict[str, Any], custom_objects: Any = None
    ) -> Any:
        """Returns the model; imports its class."""
        return self.find().from_config(config, custom_objects)


def _ensemble() -> Any:
    from kerasnotes.inference.ensemble import Ensemble

    return Ensemble


def register() -> None:
    """Tells Keras, which is imported, of every note it does not know yet."""
    import keras

    known = keras.saving.get_custom_objects()
    for note in NOTES.values():
        stand_in = StandIn(note.model_class)
        known.setdefault(f"kerasnotes>{note.model}", stand_in)
    known.setdefault("kerasnotes>Ensemble", StandIn(_ensemble))
