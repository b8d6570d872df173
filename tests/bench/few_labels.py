"""Transfer where labels are few: MNIST to 500 Fashion-MNIST images.

    python -m tests.bench.few_labels

Beside each run stands the same from scratch; 10,000 test images.
"""

import tempfile
from pathlib import Path

import numpy as np

import kerasnotes as kn

TRAIN, VALIDATION = 50, 10
"""Images of each class."""
SEEDS = 3
EPOCHS = 15
SOURCE = {"train.weight_decay": 1e-4, "train.unvaried": 0.0}
"""Of the MNIST run, whatever the note's defaults become."""


def few(seed):
    """Returns parts of Fashion-MNIST with few labels, and its test part."""
    fashion = kn.data("fashion_mnist")
    x, y = fashion.train.x, fashion.train.y
    rng = np.random.default_rng(seed)
    train = np.concatenate(
        [
            rng.choice(np.flatnonzero(y == k), TRAIN, replace=False)
            for k in range(10)
        ]
    )
    validation = np.concatenate(
        [
            rng.choice(
                np.setdiff1d(np.flatnonzero(y == k), train),
                VALIDATION,
                replace=False,
            )
            for k in range(10)
        ]
    )
    return {
        "train": (x[train], y[train]),
        "validation": (x[validation], y[validation]),
        "test": (fashion.test.x, fashion.test.y),
    }


def main():
    folder = Path(tempfile.mkdtemp(prefix="kerasnotes-"))
    source = kn.fit(
        "cnn",
        "mnist",
        epochs=6,
        settings=SOURCE,
        out=folder / "mnist",
        quiet=True,
    )
    print(f"MNIST: {source.metrics['accuracy']:.2%}", flush=True)
    for seed in range(SEEDS):
        run = kn.fit(
            "cnn",
            few(seed),
            start_from=source,
            epochs=EPOCHS,
            seed=seed,
            out=folder / f"fashion-{seed}",
            quiet=True,
        )
        own = run.metrics["accuracy"]
        scratch = run.metrics["accuracy_from_scratch"]
        print(f"seed {seed}: {own:.2%}, from scratch {scratch:.2%}", flush=True)


if __name__ == "__main__":
    main()
