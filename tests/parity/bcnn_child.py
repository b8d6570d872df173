"""Ten steps of each saved Bayesian CNN on `KERAS_BACKEND`, noise fed in.

    python -m tests.parity.bcnn_child FOLDER

Answers are written into FOLDER as `BACKEND.npz`: the Monte-Carlo passes at
first, the loss of every step, and all weights and passes at the end.
"""

import sys
from pathlib import Path

import keras
import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.notes.bcnn import variational
from kerasnotes.runs import saving
from kerasnotes.runtime import setup as backend
from kerasnotes.tasks.catalog import make_task
from kerasnotes.training.compiling import compile_model
from kerasnotes.training.state import to_numpy

NETWORKS = {
    "lrt": {"estimator": "lrt", "kl": "blundell"},
    "bbb": {"estimator": "bbb", "prior": "mixture", "prior_std": 0.5},
}
STEPS, BATCH = 10, 8


def fed_noise(shape, dtype, layer):
    """The same numbers for the same shape on every backend."""
    shape = tuple(int(size) for size in shape)
    rng = np.random.default_rng(int(np.prod(shape)))
    return keras.ops.cast(rng.standard_normal(shape, "float32"), dtype)


def train(model, x, y):
    """Returns the loss of every step, and all weights after the last."""
    config = TrainConfig(learning_rate=3e-3, weight_decay=0, warmup=0)
    model.prepare_training(
        examples=STEPS * BATCH, steps_per_epoch=STEPS, epochs=1
    )
    task = make_task("bayesian-classification", model.spec)
    compile_model(model, task, config, total_steps=STEPS)
    # Keras starts its mean anew for every batch.
    losses = [
        model.train_on_batch(*batch, return_dict=True)["loss"]
        for batch in zip(x, y, strict=True)
    ]
    values = [to_numpy(v).ravel() for v in model.trainable_variables]
    return np.array(losses), np.concatenate(values)


def main(folder):
    name = backend.setup().backend
    variational.unit_noise = fed_noise
    batches = np.load(folder / "batches.npz")
    x, answers = batches["x"], {}
    for network in NETWORKS:
        model = saving.load_model(folder / f"{network}.keras")
        before = model.monte_carlo(x[0], 3, seed=1)
        losses, values = train(model, x, batches["y"])
        answers |= {
            f"{network}-before": before,
            f"{network}-losses": losses,
            f"{network}-values": values,
            f"{network}-after": model.monte_carlo(x[0], 3, seed=1),
        }
    np.savez(folder / f"{name}.npz", **answers)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
