"""Ten steps of each saved GAN on `KERAS_BACKEND`, noise fed in.

    python -m tests.parity.gan_child FOLDER

Answers are written into FOLDER as `BACKEND.npz`: the losses of both players
in every step, and all variables at the end.
"""

import sys
from pathlib import Path

import keras
import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.runs import saving
from kerasnotes.runtime import setup as backend
from kerasnotes.training.compiling import compile_model
from kerasnotes.training.state import to_numpy

GANS = {
    "r1": {},
    "wasserstein": {"loss": "wasserstein", "critic_steps": 2},
    "conditional": {
        "loss": "hinge",
        "normalization": "batch",
        "conditional": True,
    },
}
STEPS, BATCH = 10, 8
LOSSES = ("discriminator_loss", "generator_loss")


class Losses(keras.callbacks.Callback):
    """Keeps the running means of every step."""

    def __init__(self):
        super().__init__()
        self.means = []

    def on_train_batch_end(self, batch, logs=None):
        convert = keras.ops.convert_to_numpy
        self.means.append([float(convert(logs[name])) for name in LOSSES])


def train(path, inputs):
    model = saving.load_model(path)
    config = TrainConfig(
        learning_rate=1e-3, weight_decay=0, clip_norm=None, batch_size=BATCH
    )
    compile_model(model, None, config, total_steps=STEPS)
    told = Losses()
    model.fit(
        inputs,
        inputs["y"],
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
        callbacks=[told],
    )
    sums = np.array(told.means) * np.arange(1, STEPS + 1)[:, None]
    losses = np.diff(sums, axis=0, prepend=0)
    parts = model.parts.values()
    values = [to_numpy(v) for part in parts for v in part.variables]
    return losses, np.concatenate([v.ravel() for v in values])


def main(folder):
    name = backend.setup().backend
    inputs = dict(np.load(folder / "inputs.npz"))
    answers = {}
    for gan in GANS:
        losses, values = train(folder / f"{gan}.keras", inputs)
        answers |= {f"{gan}-losses": losses, f"{gan}-values": values}
    np.savez(folder / f"{name}.npz", **answers)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
