"""Reading `NOTE = Note(...)` out of a file, without running the file.

Running it would import Keras before a backend is chosen, and take seconds
where a list of names is wanted.
"""

import ast
import dataclasses
import re
from pathlib import Path
from typing import Any

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.entry import Note
from kerasnotes.runtime.user_module import main_file, module_name

EXAMPLE = (
    'NOTE = Note(name="my_note", family="mine", task="classification", '
    'data="digits", summary="One line", model="MyNet")'
)
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_GIVEN = ("package", "origin")
"""Fields that the place of the file tells."""


def read_declaration(path: Path, package: str | None = None) -> Note:
    """Returns the note that a file or package folder declares.

    Args:
        path: A `.py` file, or a folder with `__init__.py`.
        package: Full name of its module; by default that of the file.

    Raises:
        UsageError: If there is no such file, or no whole `NOTE` in it.
    """
    path = path.expanduser().absolute()
    try:
        call = _find_call(_parse(path), path)
        values = _read_values(call, path)
    except (RecursionError, MemoryError):
        raise UsageError(
            f"{path} cannot be read: it is nested too deeply."
        ) from None
    _check_name(values["name"], path)
    return Note(**values, package=package or module_name(path), origin=path)


def _parse(path: Path) -> ast.Module:
    file = main_file(path)
    if not file.is_file() or file.suffix != ".py":
        raise UsageError(
            f"There is no note to import in {path}.",
            expected="a .py file, or a folder with __init__.py",
            received="no such file" if not path.exists() else path.name,
        )
    try:
        return ast.parse(file.read_text(encoding="utf-8"), str(file))
    except SyntaxError as error:
        raise UsageError(
            f"{file} is not valid Python.",
            received=f"line {error.lineno}: {(error.text or '').strip()}",
            hint=str(error.msg),
        ) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}.") from None


def _find_call(tree: ast.Module, path: Path) -> ast.Call:
    for node in tree.body:
        targets: list[Any] = []
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        named = any(isinstance(t, ast.Name) and t.id == "NOTE" for t in targets)
        value = getattr(node, "value", None)
        if named and isinstance(value, ast.Call):
            return value
    raise UsageError(
        f"{path} declares no note.",
        expected=EXAMPLE,
        received="no NOTE = Note(...) at the top level of the file",
        hint="from kerasnotes.notes import Note",
    )


def _read_values(call: ast.Call, path: Path) -> dict[str, str]:
    known = [f.name for f in dataclasses.fields(Note) if f.name not in _GIVEN]
    found: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg in _GIVEN:
            continue
        try:
            found[str(keyword.arg)] = ast.literal_eval(keyword.value)
        except (ValueError, TypeError):
            found[str(keyword.arg)] = None
    good = not call.args and set(found) == set(known)
    if good and all(isinstance(v, str) and v for v in found.values()):
        return found
    raise UsageError(
        f"The NOTE of {path} cannot be read.",
        expected=f"{', '.join(known)}: each NAME=TEXT, once, as plain text",
        received=ast.unparse(call)[:300],
        hint=f"it is read without running the file: {EXAMPLE}",
    )


def _check_name(name: str, path: Path) -> None:
    """Refuses what would be an option, a path or two words elsewhere."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"The NOTE of {path} has a name that no note can have.",
            expected="lower-case letters, digits, - and _: my_note",
            received=ascii(name)[:100],
        )
