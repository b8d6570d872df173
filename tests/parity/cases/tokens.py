"""Tokens: the same losses of texts, a language and a translation.

The first two are asked for the loss of two batches, since JAX takes seconds to
compile a step of training. The translation is trained a little.
"""

import dataclasses

import keras
import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.data import fields
from kerasnotes.data.spec import Spec
from kerasnotes.notes import find
from kerasnotes.runs import saving
from kerasnotes.tasks.catalog import make_task
from kerasnotes.training.compiling import compile_model
from kerasnotes.training.state import to_numpy

V, T = 7, 4
STEPS, BATCH = 4, 4
TRAINED = "translation"
KNOWN = {"shape": (T,), "vocabulary": V}
TEXT = dataclasses.replace(fields.text(), **KNOWN)
CLASS = fields.one_class(("a", "b", "c"))
TOKENS = fields.tokens((T,), tokenizer="{}", vocabulary=V)
SOURCE = dataclasses.replace(fields.source(), **KNOWN)
TARGET = dataclasses.replace(fields.target(), **KNOWN)
SMALL = {"width": 4, "heads": 2, "depth": 1, "dropout": 0.0}
RECURRENT = {"widths": [4], "embedding": 3, "dropout": 0.0}
PARTS = {
    "texts": (
        "transformer",
        "classification",
        {**SMALL, "embedding": 3},
        Spec("texts", (TEXT,), (CLASS,)),
    ),
    "language": (
        "rnn",
        "language",
        {**RECURRENT, "carried": False},
        Spec("book", (TOKENS,), (fields.next_token((T,)),)),
    ),
    "translation": (
        "rnn",
        "translation",
        {**RECURRENT, "bidirectional": False},
        Spec("pairs", (SOURCE,), (TARGET,)),
    ),
}
TOLERANCES = {
    "losses": {"rtol": 0, "atol": 1e-4},
    "values": {"rtol": 0, "atol": 1e-3},
}


def write(folder):
    rng = np.random.default_rng(0)
    for name, (note, _, settings, spec) in PARTS.items():
        keras.utils.set_random_seed(0)
        entry = find(note)
        config = entry.config_class().model_validate(settings)
        model = entry.model_class()(config, spec, [0.0], [1.0])
        saving.save_model(model, folder / f"{name}.keras", {"note": note})
        np.savez(folder / f"{name}.npz", **draw(name, rng))


def draw(name, rng):
    """Returns batches; a sequence ends in padding, and some hold no token."""
    ids = rng.integers(2, V - 1, (STEPS, BATCH, T)).astype("int32")
    ids[:, ::2, 2:] = 0
    if name == "texts":
        return {"x": ids, "y": (ids[..., 0] % 3).astype("int32")}
    if name == "language":
        ids = rng.integers(2, V, (STEPS, BATCH, T + 1)).astype("int32")
        return {"x": ids[..., :-1], "y": ids[..., 1:]}
    ended = np.where(ids > 0, V - 1 - ids % 3, 0)
    return {"x": ids, "y": ended.astype("int32")}


def answer(folder, name):
    answers = {}
    for part, (_, task, _, spec) in PARTS.items():
        batches = np.load(folder / f"{part}.npz")
        model = saving.load_model(folder / f"{part}.keras")
        config = TrainConfig(learning_rate=3e-3, weight_decay=0.01)
        compile_model(model, make_task(task, spec), config, total_steps=STEPS)
        pairs = [
            ({"x": x, "y": y} if part == TRAINED else x, y)
            for x, y in zip(batches["x"], batches["y"], strict=True)
        ]
        if part == TRAINED:
            losses = [train(model, *pair) for pair in pairs]
            values = [to_numpy(v).ravel() for v in model.trainable_variables]
            answers[f"{part}/values"] = np.concatenate(values)
        else:
            losses = [loss_of(model, *pair) for pair in pairs[:2]]
        answers[f"{part}/losses"] = np.array(losses)
    return answers


def train(model, x, y):
    return float(np.ravel(model.train_on_batch(x, y))[0])


def loss_of(model, x, y):
    return float(np.ravel(model.test_on_batch(x, y))[0])


def check(answers):
    for part in PARTS:
        losses = answers[f"{part}/losses"]
        assert len(np.unique(losses.round(6))) == len(losses)
        assert np.isfinite(losses).all()
