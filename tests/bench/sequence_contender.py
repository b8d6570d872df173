"""Contenders of training steps of lstm, tcn and transformer.

See `contender.py`.

Dropout is left out: no two frameworks draw alike.
"""

import os
import sys

import numpy as np

from tests.bench import contender

CLASSES = 10
LEARNING_RATE = 1e-4
SMALL = 0.01
"""Of the last layer's weights."""


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


def transformer_weights(model, linear, norm):
    """Returns the weights by the names that PyTorch has for them."""
    found = linear("embed", *model.get_layer("embed").get_weights())
    encoder = model.get_layer("encoder")
    found |= norm("encoder.norm", encoder.norm)
    for number, block in enumerate(encoder.blocks):
        name = f"encoder.layers.{number}"
        q, bq, k, bk, v, bv, o, bo = block.attention.get_weights()
        own = f"{name}.self_attn"
        found[f"{own}.in_proj_weight"] = np.concatenate([q.T, k.T, v.T])
        found[f"{own}.in_proj_bias"] = np.concatenate([bq, bk, bv])
        found |= linear(f"{own}.out_proj", o, bo)
        found |= linear(f"{name}.linear1", *block.expand.get_weights())
        found |= linear(f"{name}.linear2", *block.contract.get_weights())
        found |= norm(f"{name}.norm1", block.norms["attention"])
        found |= norm(f"{name}.norm2", block.norms["network"])
    return found


def lstm_weights(model, linear, norm):
    found = {}
    for number, _ in enumerate(model.note_config.widths):
        kernel, state, bias = model.get_layer(f"lstm{number + 1}").get_weights()
        found[f"lstm.weight_ih_l{number}"] = kernel.T
        found[f"lstm.weight_hh_l{number}"] = state.T
        found[f"lstm.bias_ih_l{number}"] = bias
    return found


def tcn_weights(model, linear, norm):
    found = {}
    for layer in model.layers:
        block, _, part = layer.name.partition("_")
        name = f"blocks.{block.removeprefix('block')}.{part}"
        if part.startswith("conv"):
            direction, bias, length = layer.get_weights()
            of = f"{name}.parametrizations.weight.original"
            found[f"{of}1"] = direction.transpose(2, 1, 0)
            found[f"{of}0"] = length[:, None, None]
            found[f"{name}.bias"] = bias
        elif part == "shortcut":
            found |= linear(name, *layer.get_weights())
    return found


WEIGHTS = {
    "transformer": transformer_weights,
    "lstm": lstm_weights,
    "tcn": tcn_weights,
}


def keras_weights(model, note):
    """Returns the weights by the names that PyTorch has for them."""

    def linear(name, kernel, bias):
        return {f"{name}.weight": kernel.T, f"{name}.bias": bias}

    def norm(name, layer):
        scale, shift = layer.get_weights()
        return {f"{name}.weight": scale, f"{name}.bias": shift}

    answer = linear("answer", *model.get_layer("logits").get_weights())
    return answer | WEIGHTS[note](model, linear, norm)


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
    note, spec = find(config["note"]), make_spec(config)
    chosen = note.config_class()(dropout=0.0, **config["sizes"])
    columns = config["columns"]
    model = note.model_class()(
        chosen,
        spec,
        [contender.MEAN] * columns,
        [contender.VARIANCE] * columns,
    )
    kernel = model.get_layer("logits").kernel
    # Of noise, deep sums are large: no probability would be above zero.
    kernel.assign(SMALL * kernel)
    found = keras_weights(model, config["note"])
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

    from tests.bench import sequence_torch

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    model = sequence_torch.NETWORKS[config["note"]](
        config["rows"],
        config["columns"],
        CLASSES,
        mean=contender.MEAN,
        variance=contender.VARIANCE,
        **config["sizes"],
    )
    with np.load(weights) as arrays:
        sequence_torch.copy_weights(model, dict(arrays))
    x, y = (torch.as_tensor(each) for each in make_data(config))
    y = y.long()

    def loss_of(x, y):
        return F.cross_entropy(model(x), y)

    if "compile" in mode:
        loss_of = torch.compile(loss_of)
    run = contender.train_in_torch(
        model, lambda: loss_of(x, y), rate=LEARNING_RATE
    )
    moved = [p for p in model.parameters() if p.requires_grad]
    return run, sum(p.numel() for p in moved)


MAKERS = {"keras": keras_contender, "torch": torch_contender}

if __name__ == "__main__":
    contender.main(*sys.argv[1:], makers=MAKERS)
