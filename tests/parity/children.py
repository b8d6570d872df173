"""One child process for each installed backend, all at once."""

import importlib.util
import itertools
import os
import subprocess
import sys
import time

from kerasnotes.runtime import setup as backend
from tests.conftest import ROOT

BACKENDS = tuple(
    name for name in backend.BACKENDS if importlib.util.find_spec(name)
)
PAIRS = list(itertools.combinations(backend.BACKENDS, 2))
LIMIT = 1800.0
"""Seconds that a child may take, however busy the machine is."""


def run_children(folder):
    """Runs `tests.parity.child FOLDER` on each backend.

    Every one is asked to go on once all have answered.

    Raises:
        AssertionError: If a child ended in an error or took too long.
    """
    children = {name: start(folder, name) for name in BACKENDS}
    try:
        wait_for_answers(children, folder)
        for name, child in children.items():
            child.communicate("go on\n", timeout=LIMIT)
            assert child.returncode == 0, log(folder, name)
    finally:
        for child in children.values():
            child.kill()
            child.communicate()


def start(folder, name):
    with open(folder / f"{name}.log", "w") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.parity.child", str(folder)],
            cwd=ROOT,
            env={**os.environ, "KERAS_BACKEND": name},
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
        )


def wait_for_answers(children, folder):
    end = time.monotonic() + LIMIT
    for name, child in children.items():
        while not (folder / f"{name}.answered").exists():
            assert child.poll() is None, log(folder, name)
            assert time.monotonic() < end, f"{name} took too long"
            time.sleep(0.1)


def log(folder, name):
    return (folder / f"{name}.log").read_text()
