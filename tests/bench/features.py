"""A frozen body asked once, against a body asked in every step.

    python -m tests.bench.features

Random photographs: what they show does not matter to the time.
"""

import argparse
import contextlib
import tempfile
import time
from pathlib import Path
from unittest import mock

import numpy as np

import kerasnotes as kn
from kerasnotes.training.transfer import features

CLASSES = 5


def train(folder, images, epochs):
    """Returns the seconds of a run, and the loss at its end."""
    began = time.monotonic()
    run = kn.fit(
        "backbone",
        images,
        settings={"stages": 7},
        freeze="st*,end*",
        augment="none",
        epochs=epochs,
        seed=0,
        out=folder,
        quiet=True,
    )
    return time.monotonic() - began, run.metrics["loss"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=160)
    parser.add_argument("--epochs", type=int, default=10)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (options.count, 224, 224, 3), "uint8")
    images = (x, rng.integers(0, CLASSES, options.count))
    folder = Path(tempfile.mkdtemp(prefix="kerasnotes-"))
    for name in ("once", "every step"):
        always = contextlib.nullcontext()
        if name != "once":
            always = mock.patch.object(features, "find_cut", return_value=None)
        with always:
            seconds, loss = train(folder / name[0], images, options.epochs)
        print(f"{name}: {seconds:.0f} s, loss {loss:.5f}", flush=True)


if __name__ == "__main__":
    main()
