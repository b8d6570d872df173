"""The rooms: who may import what, and where frameworks may be named."""

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
    "kerasnotes/runtime/setup.py",
    "kerasnotes/runtime/choose.py",
    "kerasnotes/training/backends/",
    "kerasnotes/export/",
    "kerasnotes/serving/engine/servable.py",
)
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for room in ("kerasnotes", "cli")
    for path in (ROOT / room).rglob("*.py")
)
NEVER = {
    # room: rooms that it must not import
    "data": {"tasks", "models", "training", "layers", "losses", "export"},
    "tasks": {"models", "training", "export"},
    "losses": {"models", "training", "export", "tasks", "data"},
    "layers": {"models", "training", "export", "tasks", "data"},
    "diffusion": {
        "models",
        "training",
        "export",
        "tasks",
        "data",
        "layers",
        "losses",
    },
    "models": {"export"},
    "training": {"export"},
}
ALLOWED = {
    # Fused batch normalization is the one layer that is written for each
    # framework: a third of a U-Net's training step on a CPU.
    ("kerasnotes/layers/batch_norm.py", "training.backends.batch_norm"),
    # Group normalization likewise, in training and in samplers.
    ("kerasnotes/layers/group_norm.py", "training.backends.group_norm"),
    ("kerasnotes/notes/bcnn/variational.py", "training.backends.unit_normal"),
    # A sampler is compiled as a model is for training.
    ("kerasnotes/diffusion/sampling_loop.py", "training.backends.jit"),
    # The judge of generated images is the one network that a task trains.
    ("kerasnotes/metrics/judge.py", "training.backends.jit"),
}


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


@pytest.mark.parametrize("room", NEVER)
def test_imports_point_one_way(room):
    for path in FILES:
        if not path.startswith(f"kerasnotes/{room}/"):
            continue
        for name in imports(path):
            package, _, inner = name.partition(".")
            if package != "kerasnotes":
                assert package != "kerasnotes_cli", path
                continue
            exempt = any(
                path == file and (inner + ".").startswith(module + ".")
                for file, module in ALLOWED
            )
            forbidden = inner.split(".")[0] in NEVER[room]
            assert not forbidden or exempt, f"{path} imports {name}"


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
    "module", ["registry", "backend", "run", "errors", "files", "choosing"]
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
    assert note.task in TASKS
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
