"""Kills `kn fit` with signal 9 at random moments, resumes, compares bits.

    python -m tests.bench.kill --count 20 --note unet --backend tensorflow

A moment before the run's folder exists leaves nothing to resume; it is drawn
again. Everything else must end in the weights, optimizer state and
`model.keras` of a run that was never interrupted.
"""

import argparse
import io
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import h5py
import numpy as np

KN = [sys.executable, "-m", "kerasnotes_cli.main", "fit"]
SETTINGS = {
    "mlp": ["--epochs", "12"],
    "unet": [
        *("--set", "width=4", "--set", "depth=2", "--set", "dropout=0.2"),
        *("--set", "train.ema=0.9", "--epochs", "6"),
    ],
}


def arrays(run):
    """Returns every array of a run's last state and of its model, by name."""
    found = {}

    def collect(prefix, file):
        def visit(name, item):
            if isinstance(item, h5py.Dataset):
                found[prefix + name] = item[()]

        file.visititems(visit)

    with h5py.File(max(run.glob("state/*.h5"))) as file:
        collect("state/", file)
    with zipfile.ZipFile(run / "model.keras") as archive:
        weights = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(weights) as file:
        collect("model/", file)
    return found


def same(one, other):
    return one.keys() == other.keys() and all(
        np.array_equal(one[name], other[name]) for name in one
    )


def train(*args):
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([*KN, *args], **quiet)


def killed_run(run, args, moment):
    """Trains into `run`, kills after `moment` seconds; whether it began."""
    process = train(*args, "--out", str(run))
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return (run / "run.json").exists()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--note", choices=SETTINGS, default="unet")
    parser.add_argument("--backend", default="tensorflow")
    options = parser.parse_args()
    args = [options.note, "--backend", options.backend]
    args += SETTINGS[options.note]
    rng = random.Random(0)
    equal, tried = 0, 0
    with tempfile.TemporaryDirectory() as name:
        os.chdir(name)
        start = time.monotonic()
        train(*args, "--out", "whole").wait()
        seconds = time.monotonic() - start
        whole = arrays(Path("whole"))
        while tried < options.count:
            moment = rng.uniform(0, seconds)
            run = Path(f"killed-{rng.random()}")
            if not killed_run(run, args, moment):
                continue
            tried += 1
            states = sorted(p.name for p in run.glob("state/*.h5"))
            code = train("--resume", str(run)).wait()
            good = code == 0 and same(arrays(run), whole)
            equal += good
            print(
                f"{moment:6.1f} s of {seconds:.1f}, checkpoints {states}: "
                f"{'identical' if good else f'DIFFERENT (exit {code})'}",
                flush=True,
            )
    print(f"{equal} of {tried} bit-identical")
    sys.exit(equal != tried)


if __name__ == "__main__":
    main()
