"""Ten steps of each Bayesian CNN, noise fed in; Monte-Carlo answers."""

import keras
import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.notes.bcnn import variational
from kerasnotes.notes.bcnn.config import BCNNConfig
from kerasnotes.notes.bcnn.note import BCNN
from kerasnotes.runs import saving
from kerasnotes.tasks.catalog import make_task
from kerasnotes.training.compiling import compile_model
from kerasnotes.training.state import to_numpy
from tests.specs import flat

NETWORKS = {
    "lrt": {"estimator": "lrt", "kl": "blundell"},
    "bbb": {"estimator": "bbb", "prior": "mixture", "prior_std": 0.5},
}
STEPS, BATCH = 10, 8
SPEC = flat("i", "image", (8, 8, 1), "uint8", "class", ("a", "b", "c"))
EXACT = {"rtol": 0, "atol": 1e-4}
TOLERANCES = {
    "losses": {"rtol": 1e-5, "atol": 0},
    "values": EXACT,
    "before": EXACT,
    "after": EXACT,
}


def write(folder):
    write_batches(folder)
    for name, given in NETWORKS.items():
        keras.utils.set_random_seed(0)
        config = BCNNConfig(width=0.3, activation="tanh", **given)
        model = BCNN(config, SPEC, [127.0], [5000.0])
        saving.save_model(model, folder / f"{name}.keras", {"note": "bcnn"})


def write_batches(folder):
    """Classes by the brightness of a patch: something to be learned."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (STEPS, BATCH, *SPEC.input.shape)).astype(
        "float32"
    )
    y = x[:, :, 2:5, 2:5, 0].mean(axis=(2, 3)) // 86
    np.savez(folder / "batches.npz", x=x, y=y.astype("int32"))


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


def answer(folder, name):
    batches = np.load(folder / "batches.npz")
    x, answers = batches["x"], {}
    # The process goes on to other cases: theirs draws its own noise.
    drawn, variational.unit_noise = variational.unit_noise, fed_noise
    try:
        for network in NETWORKS:
            model = saving.load_model(folder / f"{network}.keras")
            answers[f"{network}/before"] = model.monte_carlo(x[0], 3, seed=1)
            losses, values = train(model, x, batches["y"])
            answers[f"{network}/losses"] = losses
            answers[f"{network}/values"] = values
            answers[f"{network}/after"] = model.monte_carlo(x[0], 3, seed=1)
    finally:
        variational.unit_noise = drawn
    return answers


def check(answers):
    for network in NETWORKS:
        losses = answers[f"{network}/losses"]
        assert len(np.unique(losses)) == STEPS
        assert losses.min() > 0
        before, after = (answers[f"{network}/{w}"] for w in ("before", "after"))
        # Passes differ from one another, backends do not.
        assert before.std(axis=0).max() > 1e-3
        assert after.std(axis=0).max() > 1e-3
        assert np.abs(after - before).max() > 0.01
