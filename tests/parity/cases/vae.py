"""Ten steps of each VAE, noise fed in; what it samples and measures."""

import keras
import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.contracts.generation import Request
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.notes.vae.config import VAEConfig
from kerasnotes.notes.vae.note import VAE
from kerasnotes.runs import saving
from kerasnotes.training.compiling import compile_model
from kerasnotes.training.state import to_numpy
from tests.specs import flat

VAES = {
    "stochastic": {"binarize": "stochastic", "widths": [4, 6], "hidden": 8},
    "gaussian": {"likelihood": "gaussian", "network": "mlp", "widths": [12]},
    "beta": {"beta": 4.0, "free_bits": 0.05, "network": "mlp", "widths": [12]},
}
STEPS, BATCH = 10, 8
SPEC = flat("i", "image", (8, 8, 1), "uint8", "class", ("a", "b", "c"))
LATENT = 3
TOLERANCES = {
    "losses": {"rtol": 1e-5, "atol": 1e-4},
    "values": {"rtol": 0, "atol": 1e-4},
    # In 255 steps of grey: 1e-3 of the range is a quarter of one.
    "sampled": {"rtol": 0, "atol": 0.1},
    "measured": {"rtol": 1e-4, "atol": 0},
}


def write(folder):
    write_inputs(folder)
    for name, given in VAES.items():
        keras.utils.set_random_seed(0)
        config = VAEConfig(latent=LATENT, importance=16, **given)
        model = VAE(config, SPEC, [127.0], [5000.0])
        saving.save_model(model, folder / f"{name}.keras", {"note": "vae"})


def write_inputs(folder):
    """Bright or dark halves: something that a latent can hold."""
    rng = np.random.default_rng(0)
    count = STEPS * BATCH
    x = rng.integers(0, 100, (count, *SPEC.input.shape)).astype("float32")
    x[: count // 2, :, :4] += 150
    np.savez(
        folder / "inputs.npz",
        x=rng.permutation(x),
        y=rng.integers(0, 3, count).astype("int32"),
        noise=rng.standard_normal((count, LATENT), "float32"),
        uniform=rng.random(x.shape, "float32"),
    )


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


def answer(folder, name):
    inputs = dict(np.load(folder / "inputs.npz"))
    split = ArraySplit(inputs["x"], inputs["y"])
    answers = {}
    for vae in VAES:
        model = saving.load_model(folder / f"{vae}.keras")
        measured = model.measure(split, Conditions())
        losses, values = train(model, inputs)
        # Sampled last: weights that training moved, not those of the file.
        answers |= {
            f"{vae}/measured": np.array(list(measured.values())),
            f"{vae}/losses": losses,
            f"{vae}/values": values,
            f"{vae}/sampled": model.generate(Request(3, seed=1)).values,
        }
    return answers


def check(answers):
    for vae in VAES:
        assert len(np.unique(answers[f"{vae}/losses"].round(6))) == STEPS
        assert answers[f"{vae}/sampled"].std() > 1
        assert len(answers[f"{vae}/measured"]) == 6
