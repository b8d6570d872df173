"""Contenders of the transformer's training step; see `contender.py`.

Dropout is left out: no two frameworks draw alike.
"""

import os
import sys

import numpy as np

from tests.bench import contender

CLASSES = 10
LEARNING_RATE = 1e-4


def make_data(config):
    """Returns raw series `(B, T, D)` and classes `(B,)`."""
    rng = np.random.default_rng(0)
    shape = (config["batch_size"], config["rows"], config["columns"])
    x = rng.integers(0, 256, shape).astype("float32")
    return x, rng.integers(0, CLASSES, len(x)).astype("int32")


def make_spec(config):
    from kerasnotes.data import fields
    from kerasnotes.data.fields import Column
    from kerasnotes.data.spec import Spec

    columns = [Column(f"x{n}") for n in range(config["columns"])]
    given = fields.series(config["rows"], columns)
    classes = fields.one_class([str(n) for n in range(CLASSES)])
    return Spec("rows", (given,), (classes,))


def keras_weights(model):
    """Returns the weights by the names that PyTorch has for them."""
    found = {}

    def linear(name, kernel, bias):
        found[f"{name}.weight"] = np.asarray(kernel).T
        found[f"{name}.bias"] = np.asarray(bias)

    def norm(name, layer):
        found[f"{name}.weight"], found[f"{name}.bias"] = layer.get_weights()

    linear("embed", *model.get_layer("embed").get_weights())
    linear("answer", *model.get_layer("logits").get_weights())
    encoder = model.get_layer("encoder")
    norm("encoder.norm", encoder.norm)
    for number, block in enumerate(encoder.blocks):
        name = f"encoder.layers.{number}"
        q, bq, k, bk, v, bv, o, bo = block.attention.get_weights()
        own = f"{name}.self_attn"
        found[f"{own}.in_proj_weight"] = np.concatenate([q.T, k.T, v.T])
        found[f"{own}.in_proj_bias"] = np.concatenate([bq, bk, bv])
        linear(f"{own}.out_proj", o, bo)
        linear(f"{name}.linear1", *block.expand.get_weights())
        linear(f"{name}.linear2", *block.contract.get_weights())
        norm(f"{name}.norm1", block.norms["attention"])
        norm(f"{name}.norm2", block.norms["network"])
    return found


def keras_contender(config, mode, weights):
    """Our note, compiled as `kn fit` compiles it; writes its weights."""
    from kerasnotes.runtime import setup as backend

    backend.setup(config["backend"])
    import keras

    from kerasnotes.base.config import TrainConfig
    from kerasnotes.data.batches import Batches
    from kerasnotes.notes import find
    from kerasnotes.tasks.catalog import make_task
    from kerasnotes.training.compiling import compile_model
    from kerasnotes.use import bench

    keras.utils.set_random_seed(0)
    note, spec = find("transformer"), make_spec(config)
    sizes = {name: config[name] for name in ("width", "heads", "depth")}
    chosen = note.config_class()(dropout=0.0, **sizes)
    columns = config["columns"]
    model = note.model_class()(
        chosen,
        spec,
        [contender.MEAN] * columns,
        [contender.VARIANCE] * columns,
    )
    found = keras_weights(model)
    np.savez(weights, **found)
    train = TrainConfig(
        learning_rate=LEARNING_RATE,
        weight_decay=contender.DECAY,
        clip_norm=contender.CLIP,
        schedule="constant",
        warmup=0,
    )
    task = make_task("classification", spec)
    if mode == "no metrics":
        task.metrics = list
    compile_model(model, task, train, total_steps=10**6)
    model.optimizer.epsilon = contender.EPSILON
    data = make_data(config)

    def run(count):
        split = bench.repeat(*data, count)
        batches = Batches(split, spec, batch_size=len(data[0]), shuffle=False)
        return bench.time_steps(model, batches)

    return run, sum(array.size for array in found.values())


def torch_contender(config, mode, weights):
    """The same network in native PyTorch, from the same weights."""
    import torch
    import torch.nn.functional as F

    from tests.bench import transformer_torch

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    sizes = {name: config[name] for name in ("width", "heads", "depth")}
    model = transformer_torch.Classifier(
        config["rows"],
        config["columns"],
        CLASSES,
        mean=contender.MEAN,
        variance=contender.VARIANCE,
        **sizes,
    )
    with np.load(weights) as arrays:
        transformer_torch.copy_weights(model, dict(arrays))
    x, y = (torch.as_tensor(each) for each in make_data(config))
    y = y.long()

    def loss_of(x, y):
        return F.cross_entropy(model(x), y)

    if "compile" in mode:
        loss_of = torch.compile(loss_of)
    run = contender.train_in_torch(
        model, lambda: loss_of(x, y), rate=LEARNING_RATE
    )
    return run, sum(p.numel() for p in model.parameters())


MAKERS = {"keras": keras_contender, "torch": torch_contender}

if __name__ == "__main__":
    contender.main(*sys.argv[1:], makers=MAKERS)
