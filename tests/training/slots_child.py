"""Resumes a run on `KERAS_BACKEND`; keeps what it set the optimizer to.

python -m tests.training.slots_child RUN SLOTS.npz
"""

import sys
from pathlib import Path

import numpy as np

from kerasnotes.runtime import setup as backend
from kerasnotes.training import fit, state
from kerasnotes.training.progress import Quiet


def main(folder, slots):
    choice = backend.setup()
    restore = state.restore

    def restore_and_keep(path, model, parts, stage):
        best = restore(path, model, parts, stage)
        variables = model.optimizer.variables
        arrays = {state.slot_name(v): state.to_numpy(v) for v in variables}
        np.savez(slots, **arrays)
        state.restore = restore
        return best

    state.restore = restore_and_keep
    fit.resume(folder, {}, choice, Quiet())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
