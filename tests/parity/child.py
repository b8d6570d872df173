"""Answers every case on `KERAS_BACKEND`, in this one process.

    python -m tests.parity.child FOLDER

Answers are written into FOLDER as `CASE-BACKEND.npz`; the traceback of a
case that failed as `CASE-BACKEND.txt`, and the others go on. Then it waits
for a line on its input: every backend has answered, and saved what it
trained. What it reads in those files goes into `read-BACKEND.npz`.
"""

import sys
import traceback
from pathlib import Path

import numpy as np

from kerasnotes.runtime import setup as backend

from . import cases


def answer(folder, name):
    for case in cases.NAMES:
        try:
            answers = cases.find(case).answer(folder / case, name)
        except Exception:
            path = folder / f"{case}-{name}.txt"
            path.write_text(traceback.format_exc())
        else:
            np.savez(folder / f"{case}-{name}.npz", **answers)


def read(folder):
    """Returns predictions of what each backend saved, by case and file."""
    return {
        f"{path.parent.name}/{path.stem}": cases.find(path.parent.name).read(
            path
        )
        for path in sorted(folder.glob("*/*-*.keras"))
    }


def main(folder):
    name = backend.setup().backend
    answer(folder, name)
    (folder / f"{name}.answered").touch()
    sys.stdin.readline()
    np.savez(folder / f"read-{name}.npz", **read(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
