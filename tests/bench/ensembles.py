"""Five networks on a tenth of Fashion-MNIST: how much better, how much longer.

python -m tests.bench.ensembles                    five seeds
python -m tests.bench.ensembles snapshot           one training of five cycles

Seconds are those of the clock and of the processors; neighbours on the machine
only change the first. The framework is started before.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import kerasnotes as kn
from kerasnotes.runtime.setup import setup

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


def seconds():
    """Returns seconds of the clock and of the processors, children's too."""
    used = [
        resource.getrusage(who)
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    return np.array(
        [time.monotonic(), sum(u.ru_utime + u.ru_stime for u in used)]
    )


def main(members="seeds"):
    folder = Path(tempfile.mkdtemp(prefix="kerasnotes-"))
    source = folder / "tenth.npz"
    write_tenth(source)
    setup()
    common = {"epochs": EPOCHS, "augment": "none", "quiet": True}
    together = {"ensemble": MEMBERS, "members": members}
    took = {}
    for name, words in (("one", {}), ("five", together)):
        start = seconds()
        run = kn.fit("cnn", str(source), out=folder / name, **words, **common)
        took[name] = seconds() - start
        clock, processors = took[name]
        print(f"{name}: {clock:.0f} s, {processors:.0f} s of processors")
        print(f"  accuracy {run.metrics['accuracy']:.4f}", flush=True)
    for name in ("accuracy", "nll"):
        member = run.metrics[f"{name}_member"]
        print(f"{name}: {run.metrics[name]:.4f}, a member {member:.4f}")
    clock, processors = took["five"] / took["one"]
    print(f"time: {clock:.2f} times, of processors {processors:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
