"""One contender of `compare.py`: a process that trains when it is told to.

Reads `losses N` or `steps N` from standard input, one a line, and answers
with a JSON list: the first losses, or the seconds of each step.
"""

import json
import os
import resource
import sys
import time

import numpy as np

MEAN, VARIANCE = 127.5, 5418.75
LEARNING_RATE, DECAY, CLIP = 1e-3, 1e-4, 1.0
EPSILON = 1e-10
"""Too small to matter: Keras adds Adam's before the correction of the bias,
PyTorch after it, which in the first steps is 32 times as much."""


def make_data(config):
    """Returns raw images `(B, H, W, 1)` and labels `(B, H, W)`."""
    rng = np.random.default_rng(0)
    shape = (config["batch_size"], config["size"], config["size"])
    x = rng.integers(0, 256, (*shape, 1)).astype("float32")
    return x, rng.integers(0, config["classes"], shape).astype("int32")


def keras_contender(config, mode, weights):
    """Our U-Net, compiled as `kn fit` compiles it; writes its weights."""
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
    note = find("unet")
    spec = bench.make_spec("segmentation", config["size"], config["classes"])
    model_config = note.config_class()(width=config["width"])
    model = note.model_class()(model_config, spec, [MEAN], [VARIANCE])
    np.savez(weights, *keras_weights(model))
    train = TrainConfig(
        learning_rate=LEARNING_RATE,
        weight_decay=DECAY,
        clip_norm=CLIP,
        schedule="constant",
        warmup=0,
    )
    task = make_task("segmentation", spec)
    if mode == "no metrics":
        task.metrics = list
    compile_model(model, task, train, total_steps=10**6)
    model.optimizer.epsilon = EPSILON
    data = make_data(config)

    def run(count):
        split = bench.repeat(*data, count)
        batches = Batches(split, spec, batch_size=len(data[0]), shuffle=False)
        return bench.time_steps(model, batches)

    return run, model.count_params() - sum(
        int(np.prod(v.shape)) for v in model.non_trainable_variables
    )


def keras_weights(model):
    return [
        array
        for layer in model.layers
        if layer.name != "standardize"
        for array in layer.get_weights()
    ]


def torch_contender(config, mode, weights):
    """The same network in native PyTorch, from the same weights."""
    import torch

    from tests.bench import unet_torch

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    model = unet_torch.UNet(
        1,
        config["classes"],
        width=config["width"],
        depth=4,
        mean=MEAN,
        variance=VARIANCE,
    )
    with np.load(weights) as arrays:
        unet_torch.copy_weights(model, [arrays[k] for k in arrays.files])
    x, y = make_data(config)
    x = torch.as_tensor(x).movedim(-1, 1).contiguous()
    y = torch.as_tensor(y).long()
    if "channels_last" in mode:
        model = model.to(memory_format=torch.channels_last)
        x = x.to(memory_format=torch.channels_last)
    network, loss_of = model, unet_torch.cross_entropy_dice
    if "compile" in mode:
        network, loss_of = torch.compile(model), torch.compile(loss_of)

    run = train_in_torch(model, lambda: loss_of(network(x), y))
    return run, sum(p.numel() for p in model.parameters())


def train_in_torch(model, loss_of, rate=LEARNING_RATE, decay=DECAY):
    """Returns what trains for some steps, and tells seconds and losses.

    As a PyTorch user would: AdamW, which decays kernels alone, and gradients
    clipped by their norm.

    Args:
        model: The network.
        loss_of: Returns the loss of one batch.
        rate: The learning rate.
        decay: Of weights.
    """
    import torch

    moved = [p for p in model.parameters() if p.requires_grad]
    decayed = [p for p in moved if p.ndim > 1]
    others = [p for p in moved if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed}, {"params": others, "weight_decay": 0.0}],
        lr=rate,
        weight_decay=decay,
        eps=EPSILON,
        fused=True,
    )

    def run(count):
        ends, losses = [time.perf_counter()], []
        for _ in range(count):
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(moved, CLIP)
            optimizer.step()
            losses.append(loss.item())
            ends.append(time.perf_counter())
        return np.diff(ends).tolist(), losses

    return run


MAKERS = {"keras": keras_contender, "torch": torch_contender}


def main(kind, mode, config, weights, makers=MAKERS):
    make = makers[kind]
    # What libraries print must not mix with the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    run, parameters = make(json.loads(config), mode, weights)
    print(json.dumps({"parameters": parameters}), file=answers, flush=True)
    for line in sys.stdin:
        before = resource.getrusage(resource.RUSAGE_SELF)
        seconds, losses = run(int(line))
        after = resource.getrusage(resource.RUSAGE_SELF)
        cpu = sum(after[:2]) - sum(before[:2])
        answer = {"seconds": seconds, "losses": losses, "cpu": cpu}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
