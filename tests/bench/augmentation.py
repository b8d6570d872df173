"""Varying a batch: ours beside Keras' own layers, on the backend at hand.

KERAS_BACKEND=torch python -m tests.bench.augmentation
"""

import time

import keras
import numpy as np
from keras import layers

from kerasnotes.data.augmentation.mixing import cutmix, erase, mixup
from kerasnotes.data.augmentation.rand_augment import RandAugment

ROUNDS = 20
SHAPE = 128, 32, 32, 3


def timed(call):
    """Returns milliseconds of one call, the median."""
    call()
    spent = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        spent.append(time.perf_counter() - start)
    return 1e3 * float(np.median(spent))


def main():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, SHAPE).astype("float32")
    y = np.eye(10, dtype="float32")[np.arange(len(x)) % 10]
    rand = RandAugment((0.0, 255.0), 0)
    ours = {
        "mixup": lambda: mixup(x, y, rng),
        "cutmix": lambda: cutmix(x, y, rng),
        "erasing": lambda: erase(x, rng),
        "rand": lambda: rand(x, None, 0),
    }
    theirs = {
        "mixup": layers.MixUp(seed=0),
        "cutmix": layers.CutMix(seed=0),
        "erasing": layers.RandomErasing(value_range=(0, 255), seed=0),
        "rand": layers.RandAugment(value_range=(0, 255), seed=0),
    }
    print(f"{keras.backend.backend()}, {SHAPE}, ms a batch")
    for name, call in ours.items():
        given = {"images": x, "labels": y} if "mix" in name else x
        layer = theirs[name]
        keras_ms = timed(lambda g=given, f=layer: f(g, training=True))
        print(f"{name:8s} ours {timed(call):6.2f}   keras {keras_ms:7.2f}")


if __name__ == "__main__":
    main()
