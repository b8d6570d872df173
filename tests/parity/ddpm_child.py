"""Trains and samples the diffusion models of a folder on `KERAS_BACKEND`.

    python -m tests.parity.ddpm_child FOLDER

Times, noise and dropped classes are those of the file: ten steps of every
backend are the same ten. The answers go into `BACKEND.npz`.
"""

import sys
from pathlib import Path

import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.contracts.generation import Request
from kerasnotes.runs import saving
from kerasnotes.runtime import setup as backend
from kerasnotes.training.compiling import compile_model

STEPS = 10
NETWORKS = ("unet", "mlp")
SAMPLERS = ("dpmpp_2m", "ddpm", "dpmpp_2m_sde")
TRAIN = TrainConfig(learning_rate=1e-3, weight_decay=0.01)


def answer(folder, network):
    draws = dict(np.load(folder / "draws.npz"))
    model = saving.load_model(folder / f"{network}.keras")
    answers = {}
    for name in SAMPLERS:
        request = Request(3, seed=2, sampler=name, steps=6, guidance=2.0)
        answers[f"{network}-{name}"] = model.generate(request).values
    compile_model(model, None, TRAIN, total_steps=STEPS)
    losses = []
    for step in range(STEPS):
        inputs = {name: array[step] for name, array in draws.items()}
        loss = model.train_on_batch(inputs, inputs["y"])
        losses.append(float(np.ravel(loss)[0]))
    answers[f"{network}-losses"] = np.array(losses)
    weights = [w.ravel() for w in model.denoiser.get_weights()]
    answers[f"{network}-weights"] = np.concatenate(weights)
    return answers


def main(folder):
    name = backend.setup().backend
    answers = {}
    for network in NETWORKS:
        answers |= answer(folder, network)
    np.savez(folder / f"{name}.npz", **answers)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
