"""Diffusion: one objective, and one picture of one seed.

Times, noise and dropped classes are those of a file: ten steps of every
backend are the same ten.
"""

import keras
import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.contracts.generation import Request
from kerasnotes.notes.ddpm.config import DDPMConfig
from kerasnotes.notes.ddpm.note import DDPM
from kerasnotes.runs import saving
from kerasnotes.training.compiling import compile_model
from tests.specs import flat

STEPS = 10
NETWORKS = ("unet", "mlp")
SAMPLERS = ("dpmpp_2m", "ddpm", "dpmpp_2m_sde")
# What a sampler does is the same whatever network it asks.
DRAWN = {"mlp": SAMPLERS, "unet": SAMPLERS[:1]}
TRAIN = TrainConfig(learning_rate=1e-3, weight_decay=0.01)
SPEC = flat("tiny", "image", (8, 8, 1), "uint8", "class", ("a", "b", "c"))
BATCH = 4
EXACT = {"atol": 1e-4, "rtol": 0}
# In 255 steps of grey: a quarter of one.
TOLERANCES = {
    "losses": EXACT,
    "weights": EXACT,
    **dict.fromkeys(SAMPLERS, {"atol": 0.255, "rtol": 0}),
}


def write(folder):
    rng = np.random.default_rng(0)
    write_draws(folder, rng)
    for network in NETWORKS:
        write_model(folder, network, rng)


def write_draws(folder, rng):
    shape = (STEPS, BATCH, *SPEC.input.shape)
    np.savez(
        folder / "draws.npz",
        x=rng.integers(0, 256, shape).astype("float32"),
        y=rng.integers(0, 3, (STEPS, BATCH)).astype("int32"),
        t=rng.integers(0, 40, (STEPS, BATCH)).astype("int32"),
        noise=rng.standard_normal(shape).astype("float32"),
        keep=rng.random((STEPS, BATCH)).astype("float32"),
    )


def write_model(folder, network, rng):
    keras.utils.set_random_seed(0)
    config = DDPMConfig(network=network, widths=[8, 8], timesteps=40)
    model = DDPM(config, SPEC, [0.0], [1.0])
    for weight in model.denoiser.trainable_variables:
        noise = 0.1 * rng.standard_normal(weight.shape)
        weight.assign(np.asarray(weight) + noise.astype("float32"))
    saving.save_model(model, folder / f"{network}.keras", {"note": "ddpm"})


def answer(folder, name):
    draws = dict(np.load(folder / "draws.npz"))
    answers = {}
    for network in NETWORKS:
        model = saving.load_model(folder / f"{network}.keras")
        for sampler in DRAWN[network]:
            answers[f"{network}/{sampler}"] = draw(model, sampler)
        compile_model(model, None, TRAIN, total_steps=STEPS)
        answers[f"{network}/losses"] = train(model, draws)
        weights = [w.ravel() for w in model.denoiser.get_weights()]
        answers[f"{network}/weights"] = np.concatenate(weights)
    return answers


def draw(model, sampler):
    request = Request(3, seed=2, sampler=sampler, steps=6, guidance=2.0)
    return model.generate(request).values


def train(model, draws):
    """Returns the loss of every step."""
    losses = []
    for step in range(STEPS):
        inputs = {name: array[step] for name, array in draws.items()}
        loss = model.train_on_batch(inputs, inputs["y"])
        losses.append(float(np.ravel(loss)[0]))
    return np.array(losses)


def check(answers):
    for network in NETWORKS:
        assert len(np.unique(answers[f"{network}/losses"].round(5))) == STEPS
        for sampler in DRAWN[network]:
            assert answers[f"{network}/{sampler}"].std() > 10
