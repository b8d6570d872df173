"""Keras is told of every note before any note is imported.

`keras.saving.load_model` looks a class up by the name that a file holds,
`kerasnotes>UNet`. Importing all notes whenever Keras is imported would take
half a second; what stands there at first imports its note when a file
names it. The note's own registration then takes its place.
"""

import dataclasses
from typing import Any

from kerasnotes.notes import NOTES, Note


@dataclasses.dataclass(frozen=True)
class StandIn:
    """Does what Keras asks of a class in a file: builds the model.

    Args:
        note: Whose model it is.
    """

    note: Note

    def from_config(
        self, config: dict[str, Any], custom_objects: Any = None
    ) -> Any:
        """Returns the note's model; imports the note."""
        return self.note.model_class().from_config(config, custom_objects)


def register() -> None:
    """Tells Keras, which is imported, of every note it does not know yet."""
    import keras

    known = keras.saving.get_custom_objects()
    for note in NOTES.values():
        known.setdefault(f"kerasnotes>{note.model}", StandIn(note))
