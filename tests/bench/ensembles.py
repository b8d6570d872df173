"""Five networks on a tenth of Fashion-MNIST: how much better, how much longer.

python -m tests.bench.ensembles
"""

import tempfile
import time
from pathlib import Path

import numpy as np

import kerasnotes as kn

PART = 10
MEMBERS, EPOCHS = 5, 15


def write_tenth(path):
    """Writes every tenth image of the training part, and the test part."""
    fashion = kn.data("fashion_mnist")
    np.savez(
        path,
        x_train=fashion.train.x[::PART],
        y_train=fashion.train.y[::PART],
        x_test=fashion.test.x,
        y_test=fashion.test.y,
    )


def main():
    folder = Path(tempfile.mkdtemp(prefix="kerasnotes-"))
    source = folder / "tenth.npz"
    write_tenth(source)
    common = {"epochs": EPOCHS, "augment": "none", "quiet": True}
    took = {}
    for name, count in (("one", None), ("five", MEMBERS)):
        start = time.monotonic()
        run = kn.fit(
            "cnn", str(source), ensemble=count, out=folder / name, **common
        )
        took[name] = time.monotonic() - start
        print(f"{name}: {took[name]:.0f} s", flush=True)
    for name in ("accuracy", "nll"):
        member = run.metrics[f"{name}_member"]
        print(f"{name}: {run.metrics[name]:.4f}, a member {member:.4f}")
    print(f"time: {took['five'] / took['one']:.2f} times that of one")


if __name__ == "__main__":
    main()
