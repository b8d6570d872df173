"""What a note says about itself, read without running its code."""

import ast
import importlib.util
import sys
from pathlib import Path

from kerasnotes.notes import Note


def read_about(note: Note) -> str:
    """Returns the paper, equations and departures that a note begins with.

    They are the docstring of the note's module. Importing that would import
    Keras, which takes seconds; its text is read instead.
    """
    name = f"{note.package}.note"
    loaded = sys.modules.get(name)
    if loaded is not None:
        return (loaded.__doc__ or "").strip()
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        return ""
    source = Path(found.origin).read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(source)) or ""
