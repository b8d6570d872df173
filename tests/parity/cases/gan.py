"""Two players, ten steps of each GAN, noise fed in."""

import keras
import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.notes.gan.config import GANConfig
from kerasnotes.notes.gan.note import GAN
from kerasnotes.runs import saving
from kerasnotes.training.compiling import compile_model
from kerasnotes.training.state import to_numpy
from tests.specs import flat

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
SPEC = flat("i", "image", (8, 8, 1), "uint8", "class", ("a", "b", "c"))
SMALL = {"width": 4, "hidden": 6, "latent": 5}
EXACT = {"atol": 1e-4, "rtol": 0}
TOLERANCES = {"losses": EXACT, "values": EXACT}


def write(folder):
    write_inputs(folder)
    for name, config in GANS.items():
        keras.utils.set_random_seed(0)
        model = GAN(GANConfig(**SMALL, **config), SPEC, [127.0], [5000.0])
        saving.save_model(model, folder / f"{name}.keras", {"note": "gan"})


def write_inputs(folder):
    rng = np.random.default_rng(0)
    count = STEPS * BATCH
    np.savez(
        folder / "inputs.npz",
        x=rng.integers(0, 256, (count, *SPEC.input.shape)).astype("float32"),
        y=rng.integers(0, 3, count).astype("int32"),
        noise=rng.standard_normal((count, SMALL["latent"]), "float32"),
        mix=rng.random(count, "float32"),
    )


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


def answer(folder, name):
    inputs = dict(np.load(folder / "inputs.npz"))
    answers = {}
    for gan in GANS:
        losses, values = train(folder / f"{gan}.keras", inputs)
        answers |= {f"{gan}/losses": losses, f"{gan}/values": values}
    return answers


def check(answers):
    for gan in GANS:
        losses = answers[f"{gan}/losses"]
        assert losses.shape == (STEPS, 2)
        assert len(np.unique(losses.round(6))) == 2 * STEPS
