"""Ten steps of each saved VAE on `KERAS_BACKEND`, noise fed in.

    python -m tests.parity.vae_child FOLDER

Answers are written into FOLDER as `BACKEND.npz`: what is sampled and
measured at first, the loss of every step, and all weights at the end.
"""

import sys
from pathlib import Path

import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.contracts.generation import Request
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.runs import saving
from kerasnotes.runtime import setup as backend
from kerasnotes.training.compiling import compile_model
from kerasnotes.training.state import to_numpy

VAES = {
    "stochastic": {"binarize": "stochastic", "widths": [4, 6], "hidden": 8},
    "gaussian": {"likelihood": "gaussian", "network": "mlp", "widths": [12]},
    "beta": {"beta": 4.0, "free_bits": 0.05, "network": "mlp", "widths": [12]},
}
STEPS, BATCH = 10, 8


def train(model, inputs):
    """Returns the loss of every step, and all weights after the last."""
    config = TrainConfig(learning_rate=3e-3, weight_decay=0, warmup=0)
    compile_model(model, None, config, total_steps=STEPS)
    losses = []
    for step in range(STEPS):
        part = slice(step * BATCH, (step + 1) * BATCH)
        batch = {name: array[part] for name, array in inputs.items()}
        answer = model.train_on_batch(batch, batch["y"])
        losses.append(float(np.ravel(answer)[0]))
    values = [to_numpy(v).ravel() for v in model.trainable_variables]
    return np.array(losses), np.concatenate(values)


def main(folder):
    name = backend.setup().backend
    inputs = dict(np.load(folder / "inputs.npz"))
    split = ArraySplit(inputs["x"], inputs["y"])
    answers = {}
    for vae in VAES:
        model = saving.load_model(folder / f"{vae}.keras")
        measured = model.measure(split, Conditions())
        losses, values = train(model, inputs)
        # Sampled last: weights that training moved, not those of the file.
        answers |= {
            f"{vae}-measured": np.array(list(measured.values())),
            f"{vae}-losses": losses,
            f"{vae}-values": values,
            f"{vae}-sampled": model.generate(Request(3, seed=1)).values,
        }
    np.savez(folder / f"{name}.npz", **answers)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
