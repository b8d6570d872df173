"""Contenders of the training steps of cnn, vgg16, resnet and ucnn.

See `contender.py`. Dropout is left out: no two frameworks draw alike.
"""

import os
import sys

import numpy as np

from tests.bench import contender
from tests.bench.bcnn_contender import trainable

CLASSES = 10
LEARNING_RATE = 1e-4
"""Small: of a loss that is nearly 0, rounding is a large part."""
SETTINGS = {
    "cnn": {"network": "convnet", "dropout": 0.0},
    "vgg16": {"dropout": 0.0},
    "resnet": {"depth": 20},
    "ucnn": {},
}


def make_data(config):
    """Returns raw images `(B, H, W, C)` with classes, or values `(B, K)`."""
    if config["note"] != "ucnn":
        x, y = contender.make_data({**config, "classes": CLASSES})
        return x, np.ascontiguousarray(y[:, 0, 0])
    rng = np.random.default_rng(0)
    x = rng.normal(size=(config["batch_size"], *config["shape"]))
    y = rng.normal(size=(config["batch_size"], config["values"]))
    return x.astype("float32"), y.astype("float32")


def statistics(config):
    if config["note"] == "ucnn":
        return 0.0, 1.0
    return contender.MEAN, contender.VARIANCE


def make_spec(config):
    from kerasnotes.use import bench

    if config["note"] != "ucnn":
        return bench.make_spec("classification", config["size"], CLASSES)
    return bench.make_spec("regression")


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
    kind = "regression" if config["note"] == "ucnn" else "classification"
    chosen = note.config_class()(**SETTINGS[config["note"]])
    chosen = chosen.model_copy(update=chosen.model_defaults(spec))
    mean, variance = statistics(config)
    channels = spec.input.shape[-1]
    model = note.model_class()(
        chosen,
        spec,
        [mean] * channels,
        [variance] * channels,
    )
    if config["note"] == "resnet":
        # From the second step on the scales that begin at zero count.
        for layer in model.layers:
            if layer.name.endswith("_norm2"):
                layer.gamma.assign(np.full(layer.gamma.shape, 0.5))
    np.savez(weights, *contender.keras_weights(model))
    train = TrainConfig(
        learning_rate=LEARNING_RATE,
        weight_decay=contender.DECAY,
        clip_norm=contender.CLIP,
        schedule="constant",
        warmup=0,
    )
    task = make_task(kind, spec)
    if mode == "no metrics":
        task.metrics = list
    compile_model(model, task, train, total_steps=10**6)
    model.optimizer.epsilon = contender.EPSILON
    data = make_data(config)

    def run(count):
        split = bench.repeat(*data, count)
        batches = Batches(split, spec, batch_size=len(data[0]), shuffle=False)
        return bench.time_steps(model, batches)

    return run, sum(v.size for v in trainable(model))


def torch_contender(config, mode, weights):
    """The same network in native PyTorch, from the same weights."""
    import torch
    import torch.nn.functional as F

    from tests.bench import images_torch

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    mean, variance = statistics(config)
    told = {"mean": mean, "variance": variance}
    measured = config["note"] == "ucnn"
    if measured:
        shape = tuple(config["shape"])
        model = images_torch.UCNN(config["values"], shape, **told)
    else:
        network = images_torch.NETWORKS[config["note"]]
        model = network(CLASSES, config["size"], **told)
    with np.load(weights) as arrays:
        images_torch.copy_weights(model, [arrays[k] for k in arrays.files])
    x, y = make_data(config)
    x = torch.as_tensor(x).movedim(-1, 1).contiguous()
    y = torch.as_tensor(y) if measured else torch.as_tensor(y).long()
    if "channels_last" in mode:
        model = model.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)

    def loss_of(x, y):
        error = F.mse_loss if measured else F.cross_entropy
        return error(model(x), y)

    if "compile" in mode:
        loss_of = torch.compile(loss_of)

    run = contender.train_in_torch(
        model, lambda: loss_of(x, y), rate=LEARNING_RATE
    )
    return run, sum(p.numel() for p in model.parameters())


MAKERS = {"keras": keras_contender, "torch": torch_contender}

if __name__ == "__main__":
    contender.main(*sys.argv[1:], makers=MAKERS)
