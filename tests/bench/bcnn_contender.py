"""Contenders of the Bayesian CNN's training step; see `contender.py`.

LeNet with local reparameterization. Deviations start at `softplus(-15)`,
which hides the noise below rounding: it is drawn and multiplied all the
same, and the losses of equal work are equal.
"""

import sys

import numpy as np

from tests.bench import contender

RHO, PRIOR_STD, EXAMPLES, CLASSES = -15.0, 0.1, 54_000, 10


def make_data(config):
    """Returns raw images `(B, H, W, 1)` and labels `(B,)`."""
    x, y = contender.make_data({**config, "classes": CLASSES})
    return x, np.ascontiguousarray(y[:, 0, 0])


def keras_contender(config, mode, weights):
    """Our LeNet, compiled as `kn fit` compiles it; writes its weights."""
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
    note = find("bcnn")
    spec = bench.make_spec(note.tasks[0], config["size"], CLASSES)
    model_config = note.config_class()(
        network="lenet",
        estimator="lrt",
        width=config["width"],
        activation="softplus",
        prior_std=PRIOR_STD,
        initial_rho=RHO,
        kl="uniform",
    )
    model = note.model_class()(
        model_config, spec, [contender.MEAN], [contender.VARIANCE]
    )
    np.savez(weights, *(np.asarray(v) for v in trainable(model)))
    train = TrainConfig(
        learning_rate=contender.LEARNING_RATE,
        weight_decay=0,
        clip_norm=contender.CLIP,
        schedule="constant",
        warmup=0,
    )
    task = make_task(note.tasks[0], spec)
    if mode == "no metrics":
        task.metrics = list
    model.prepare_training(
        examples=EXAMPLES, steps_per_epoch=10**3, epochs=10**3
    )
    compile_model(model, task, train, total_steps=10**6)
    model.optimizer.epsilon = contender.EPSILON
    data = make_data(config)

    def run(count):
        split = bench.repeat(*data, count)
        batches = Batches(split, spec, batch_size=len(data[0]), shuffle=False)
        return bench.time_steps(model, batches)

    return run, sum(v.size for v in trainable(model))


def trainable(model):
    """Returns arrays: mean and rho of each kernel, then of each bias."""
    import keras

    convert = keras.ops.convert_to_numpy
    return [convert(v) for v in model.trainable_variables]


def torch_contender(config, mode, weights):
    """The same network in native PyTorch, from the same weights."""
    import os

    import torch

    from tests.bench import bcnn_torch

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    model = bcnn_torch.LeNet(
        config["width"],
        CLASSES,
        mean=contender.MEAN,
        variance=contender.VARIANCE,
        prior_std=PRIOR_STD,
    )
    with np.load(weights) as arrays:
        bcnn_torch.copy_weights(model, [arrays[k] for k in arrays.files])
    x, y = make_data(config)
    x = torch.as_tensor(x).movedim(-1, 1).contiguous()
    y = torch.as_tensor(y).long()
    if "channels_last" in mode:
        x = x.to(memory_format=torch.channels_last)

    def loss_of(x, y):
        logits, kl = model(x)
        return torch.nn.functional.cross_entropy(logits, y) + kl / EXAMPLES

    if "compile" in mode:
        loss_of = torch.compile(loss_of)

    run = contender.train_in_torch(model, lambda: loss_of(x, y), decay=0.0)
    return run, sum(p.numel() for p in model.parameters())


MAKERS = {"keras": keras_contender, "torch": torch_contender}

if __name__ == "__main__":
    contender.main(*sys.argv[1:], makers=MAKERS)
