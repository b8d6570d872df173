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

from kerasnotes.runs import saving
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
    found = {}
    for path in sorted(folder.glob("*/*-*.keras")):
        case = path.parent.name
        part = path.stem.partition("-")[0]
        x = np.load(path.with_name(f"{part}.npz"))["x"][0]
        predict = cases.find(case).predict
        found[f"{case}/{path.stem}"] = predict(saving.load_model(path), x)
    return found


def main(folder):
    name = backend.setup().backend
    answer(folder, name)
    (folder / f"{name}.answered").touch()
    sys.stdin.readline()
    np.savez(folder / f"read-{name}.npz", **read(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
