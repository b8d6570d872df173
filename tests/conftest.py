"""Shared fixtures. The backend is KERAS_BACKEND, TensorFlow by default."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("MPLBACKEND", "Agg")

ROOT = Path(__file__).parent.parent
BACKEND = os.environ["KERAS_BACKEND"]


def pytest_collection_modifyitems(config, items):
    """Runs what does not depend on the backend on one backend only."""
    if BACKEND == "tensorflow":
        return
    once = [item for item in items if item.get_closest_marker("once")]
    config.hook.pytest_deselected(items=once)
    items[:] = [item for item in items if item not in once]


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real data sets, where there is one."""
    default = ROOT.parent / "shared" / "data"
    folder = Path(os.environ.get("KERASNOTES_TEST_DATA", default))
    if not folder.is_dir():
        pytest.skip("no real data sets: set KERASNOTES_TEST_DATA")
    return folder


@pytest.fixture
def kn(tmp_path):
    """Runs `kn ARGS` in a process of its own, inside `tmp_path`."""

    def run(*args, env=None, cwd=tmp_path, timeout=300):
        return subprocess.run(
            [sys.executable, "-m", "kerasnotes_cli.main", *map(str, args)],
            capture_output=True,
            text=True,
            cwd=cwd,
            timeout=timeout,
            env={**os.environ, **(env or {})},
        )

    return run
