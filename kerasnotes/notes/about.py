"""What a note says about itself, read without running its code."""

import ast
import importlib.util
from pathlib import Path

from kerasnotes.notes import Note


def read_about(note: Note) -> str:
    """Returns the paper, equations and departures that a note begins with.

    They are the docstring of the note's module. Importing that would import
    Keras, which takes seconds; its text is read instead.
    """
    source = _file(note).read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(source)) or note.summary


def _file(note: Note) -> Path:
    """Returns the file of the model: the note's only one, or its `note.py`."""
    place = note.origin
    if place is None:
        found = importlib.util.find_spec(note.package)
        place = Path(str(found.origin if found else None))
        if place.name == "__init__.py":
            place = place.parent
    if not place.is_dir():
        return place
    file = place / "note.py"
    return file if file.is_file() else place / "__init__.py"
