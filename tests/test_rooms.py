"""The rooms: where frameworks may be named, and what comes with an import.

Which room may import which is a contract of import-linter (pyproject.toml).
"""

import ast
import re
import subprocess
import sys

import pytest

from kerasnotes.notes import NOTES
from kerasnotes.tasks.catalog import TASKS
from tests.conftest import ROOT

pytestmark = pytest.mark.once

FRAMEWORKS = {"tensorflow", "jax", "torch"}
FRAMEWORK_ROOMS = (
    "kerasnotes/backends/",
    "kerasnotes/runtime/",
    "kerasnotes/export/",
    "kerasnotes/serving/engine/servable.py",
)
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for room in ("kerasnotes", "cli")
    for path in (ROOT / room).rglob("*.py")
)


def imports(path):
    """Returns every module that a file imports, at any depth."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_frameworks_are_named_in_few_places():
    asks = re.compile(r"\bbackend\.backend\(\)|config\.backend\(\)")
    for path in FILES:
        if path.startswith(FRAMEWORK_ROOMS):
            continue
        roots = {name.split(".")[0] for name in imports(path)}
        assert not roots & FRAMEWORKS, path
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not asks.search(text), f"{path} asks for the backend"


def test_command_modules_import_nothing_heavy_at_the_top():
    light = {"click", "kerasnotes", *sys.stdlib_module_names}
    for path in FILES:
        if not path.startswith("cli/"):
            continue
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Import):
                roots = {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                roots = {node.module.split(".")[0]}
            else:
                continue
            assert roots <= light, path


@pytest.mark.parametrize(
    "module",
    [
        "notes",
        "runtime.setup",
        "runtime.choose",
        "runs.run",
        "base.errors",
        "base.files",
        "serving.process.process",
    ],
)
def test_no_framework_comes_with(module):
    program = (
        f"import sys, kerasnotes.{module}\n"
        f"heavy = {sorted(FRAMEWORKS | {'keras'})!r}\n"
        "print(*[name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("note", NOTES.values(), ids=lambda note: note.name)
def test_every_note_is_whole(note):
    import keras

    from kerasnotes.base.config import Config
    from kerasnotes.data.load import NAMED

    assert note.summary
    assert "\n" not in note.summary
    assert set(note.tasks) <= set(TASKS)
    assert note.data in NAMED
    assert issubclass(note.model_class(), keras.Model)
    assert issubclass(note.config_class(), Config)
    registered = keras.saving.get_registered_name(note.model_class())
    assert registered.startswith("kerasnotes>")


def test_nothing_asserts_what_a_user_may_get_wrong():
    for path in FILES:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        found = [n for n in ast.walk(tree) if isinstance(n, ast.Assert)]
        assert not found, path
