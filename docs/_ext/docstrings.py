"""Reads docstrings as they are meant, where autodoc takes them otherwise."""

import inspect
from collections.abc import Sequence
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.inspect import signature, stringify_signature

ATTRIBUTES = ("attribute", "data", "property")


def _keep_whole(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: Any
) -> None:
    """Keeps `Pictures: one an epoch` from being taken for `type: text`.

    Napoleon looks at the first line alone: an empty comment goes there.
    """
    if what in ATTRIBUTES and lines:
        lines[:0] = ["..", ""]


def _keep_lines(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: Any
) -> None:
    """Sets what is indented below a blank line as it is: equations, code."""
    lines[:] = literal_blocks(lines)


def literal_blocks(lines: Sequence[str]) -> list[str]:
    """Returns a docstring with `::` before each block that is indented.

    A section's body (`Args:`) is no block: no blank line stands before it,
    and what comes after a blank line in it follows an indented line.
    """
    made: list[str] = []
    above = ""
    for line in lines:
        starts = line.startswith("    ") and made and not made[-1].strip()
        if starts and above and not above.startswith(" "):
            made += ["::", ""]
        made.append(line)
        above = line if line.strip() else above
    return made


def _own_arguments(
    app: Sphinx, what: str, name: str, thing: Any, *rest: Any
) -> tuple[str, str] | None:
    """Shows what a class takes, and not Keras' `(*args, **kwargs)`."""
    own = vars(thing).get("__init__") if what == "class" else None
    if not inspect.isfunction(own) or not hasattr(thing, "get_config"):
        return None
    found = signature(own, bound_method=True)
    shown = stringify_signature(found, unqualified_typehints=True)
    return shown.partition(" -> ")[0], ""


def setup(app: Sphinx) -> dict[str, Any]:
    """Connects them; what changes lines before Napoleon, which has 500."""
    app.connect("autodoc-process-docstring", _keep_lines, priority=300)
    app.connect("autodoc-process-docstring", _keep_whole, priority=400)
    app.connect("autodoc-process-signature", _own_arguments)
    return {"parallel_read_safe": True}
