"""Parts of Keras that wait until somebody asks for them."""

import importlib
import os
import subprocess
import sys

import pytest

from kerasnotes.runtime.lazy_parts import lazy_parts
from tests.conftest import ROOT

pytestmark = pytest.mark.once

START = """
import sys
from kerasnotes.runtime import setup
setup.setup()
heavy = {"matplotlib", "scipy.stats", "sklearn"}
assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()
import keras
assert issubclass(keras.wrappers.SKLearnClassifier, object)
assert "sklearn" in sys.modules
assert callable(keras.visualization.plot_image_gallery)
assert "matplotlib" in sys.modules
"""


def test_a_start_imports_less_and_users_have_it_all():
    # On TensorFlow, which imports Keras by a name of its own.
    done = subprocess.run(
        [sys.executable, "-c", START],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_code_runs_when_it_is_looked_into(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("waits", "runs"):
        (tmp_path / f"{name}.py").write_text("raise OSError('run')")
    importlib.invalidate_caches()
    before = list(sys.meta_path)
    with lazy_parts(frozenset({"waits", "is_nowhere"})):
        waits = importlib.import_module("waits")
        with pytest.raises(OSError, match="run"):
            importlib.import_module("runs")
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module("is_nowhere")
    assert sys.meta_path == before
    with pytest.raises(OSError, match="run"):
        waits.value  # noqa: B018
    sys.modules.pop("waits", None)
