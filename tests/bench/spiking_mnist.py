"""How much of MNIST a spiking network has learned after few steps.

    python -m tests.bench.spiking_mnist

150 batches of 128 images for a convolutional network (snnTorch's tutorial 6
has 95.70 % after as many), or an epoch for 784-1000-10 (tutorial 5: 93.87 %).
The answer is the class with most spikes, on the whole test part. MNIST is read
from Keras' own cache.
"""

import argparse
import time

import keras
import numpy as np

from kerasnotes.base.config import TrainConfig
from kerasnotes.data import fields
from kerasnotes.data.spec import Spec
from kerasnotes.notes.snn.config import SNNConfig
from kerasnotes.notes.snn.note import SNN
from kerasnotes.tasks.catalog import make_task
from kerasnotes.training.compiling import compile_model

BATCH, EPOCH = 128, 60_000 // 128
NETWORKS = {
    "conv": {
        "network": "conv",
        "normalization": "batch",
        "widths": [],
        "steps": 10,
        "beta": 0.5,
    },
    "dense": {"widths": [1000]},
}
RATES = {"conv": 5e-3, "dense": 5e-4}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", choices=NETWORKS, nargs="?", default="conv")
    parser.add_argument("--loss", default="count")
    parser.add_argument("--rate", type=float)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    (x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
    steps = 150 if options.network == "conv" else EPOCH
    keras.utils.set_random_seed(options.seed)
    image = fields.image((28, 28, 1), "uint8")
    spec = Spec("mnist", (image,), (fields.one_class("0123456789"),))
    settings = {**NETWORKS[options.network], "loss": options.loss}
    config = SNNConfig(**settings)
    model = SNN(config, spec, [x.mean()], [x.var()])
    rate = options.rate or RATES[options.network]
    train = TrainConfig(learning_rate=rate)
    task = make_task("classification", spec)
    compile_model(model, task, train, total_steps=steps)
    order = np.random.default_rng(options.seed).permutation(len(x))
    began = time.process_time()
    for step in range(steps):
        chosen = order[step * BATCH : (step + 1) * BATCH]
        loss, _ = model.train_on_batch(
            x[chosen, ..., None].astype("float32"), y[chosen].astype("int32")
        )
        if step % 50 == 49:
            print(f"{step + 1} steps, loss {loss:.3f}", flush=True)
    seconds, right, answered = time.process_time() - began, 0, 0
    for start in range(0, len(x_test), 100):
        chosen = slice(start, start + 100)
        given = x_test[chosen, ..., None].astype("float32")
        counts = model.spike_record(given).counts[-1]
        right += int((counts.argmax(-1) == y_test[chosen]).sum())
        answer = model.predict_on_batch(given)
        answered += int((answer.argmax(-1) == y_test[chosen]).sum())
    total = len(x_test) / 100
    print(
        f"{options.network}, loss={options.loss}: {right / total:.2f} % by "
        f"spikes, {answered / total:.2f} % answered, {seconds:.0f} s of "
        "processors to learn"
    )


if __name__ == "__main__":
    main()
