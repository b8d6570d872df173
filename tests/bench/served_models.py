"""What the benches of `kn serve` serve, and send."""

import subprocess
import sys

import numpy as np


def kn(*args):
    """Runs `kn`, which must succeed."""
    subprocess.run(
        [sys.executable, "-m", "kerasnotes_cli.main", *map(str, args)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def train(note, folder):
    """Returns the export of a briefly trained note; the first time trains."""
    run = folder / note
    if not (run / "run.json").exists():
        print(f"  training {note} ...", flush=True)
        kn("fit", note, "--epochs", 1, "--out", run)
        kn("export", run)
    return run / "export" / note


def make_scene(side):
    """Returns a smooth grey picture with some noise, `(side, side)`."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:side, :side] / side
    waves = (
        np.sin(9 * x + 3 * y)
        + np.cos(14 * y * x)
        + 0.1 * rng.normal(size=x.shape)
    )
    return np.clip(127 + 60 * waves, 0, 255).astype("uint8")
