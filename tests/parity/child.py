"""Loads models on `KERAS_BACKEND`, predicts with them, and trains them.

    python -m tests.parity.child train FOLDER       10 steps, saved again
    python -m tests.parity.child predict FOLDER     every trained model

Answers are written into FOLDER as `ROUND-BACKEND.npz`.
"""

import sys
from pathlib import Path

import keras
import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.runs import saving
from kerasnotes.runtime import setup as backend
from kerasnotes.tasks.catalog import make_task
from kerasnotes.training.compiling import compile_model

NOTES = {"unet": "segmentation", "mlp": "classification"}
STEPS = 10


def predict(model, x):
    return np.asarray(keras.ops.convert_to_numpy(model(x, training=False)))


def train(folder, name):
    """Ten training steps on the same batches on every backend."""
    answers = {}
    for note, task in NOTES.items():
        batches = np.load(folder / f"{note}.npz")
        model = saving.load_model(folder / f"{note}.keras")
        answers[f"{note}-before"] = predict(model, batches["x"][0])
        config = TrainConfig(learning_rate=3e-3, weight_decay=0.01)
        compile_model(
            model, make_task(task, model.spec), config, total_steps=STEPS
        )
        losses = [
            model.train_on_batch(x, y)[0]
            for x, y in zip(batches["x"], batches["y"], strict=True)
        ]
        answers[f"{note}-losses"] = np.array(losses, "float64")
        answers[f"{note}-after"] = predict(model, batches["x"][0])
        path = folder / f"{note}-{name}.keras"
        saving.save_model(model, path, {"note": note})
    return answers


def cross_load(folder, name):
    """Predictions of what each backend saved."""
    answers = {}
    for note in NOTES:
        x = np.load(folder / f"{note}.npz")["x"][0]
        for path in folder.glob(f"{note}-*.keras"):
            answers[path.stem] = predict(saving.load_model(path), x)
    return answers


def main(what, folder):
    name = backend.setup().backend
    answers = {"train": train, "predict": cross_load}[what](folder, name)
    np.savez(folder / f"{what}-{name}.npz", **answers)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
