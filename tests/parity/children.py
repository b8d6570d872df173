"""One child process for each installed backend, all at once."""

import importlib.util
import itertools
import os
import subprocess
import sys

import numpy as np

from kerasnotes.runtime import setup as backend
from tests.conftest import ROOT

BACKENDS = tuple(
    name for name in backend.BACKENDS if importlib.util.find_spec(name)
)
PAIRS = list(itertools.combinations(backend.BACKENDS, 2))


def run_children(module, folder, *words):
    """Runs `tests.parity.MODULE WORDS FOLDER` on each backend.

    Returns their answers by backend: what each wrote to `BACKEND.npz`, or to
    `WORD-BACKEND.npz`.
    """
    command = [sys.executable, "-m", f"tests.parity.{module}", *words]
    children = [
        subprocess.Popen(
            [*command, str(folder)],
            cwd=ROOT,
            env={**os.environ, "KERAS_BACKEND": name},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name in BACKENDS
    ]
    for child in children:
        output, _ = child.communicate(timeout=300)
        assert child.returncode == 0, output
    paths = {n: folder / f"{'-'.join([*words, n])}.npz" for n in BACKENDS}
    return {name: dict(np.load(path)) for name, path in paths.items()}
