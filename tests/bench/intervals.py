"""Intervals of `inn` beside five others', and the right ones, five seeds.

    python -m tests.bench.intervals [SEEDS]

y = sin 3x + (0.05 + 0.25 |x|) noise: 2,000 rows to learn from, 1,000 that
calibrate, 20,000 that are measured. And the law of the loss: on the training
part the mean overshoot is beta / 2, within three standard errors.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from kerasnotes.data.sets.noisy_sine import deviation, draw
from kerasnotes.metrics.interval_scores import (
    by_quarter,
    inside,
    interval_scores,
)
from kerasnotes.notes import find
from kerasnotes.runs import saving
from kerasnotes.runtime import setup
from kerasnotes.training import fit, settings
from kerasnotes.training.progress import Quiet
from tests.bench.intervals_torch import COVERAGE, around, rivals

ROWS = {"train": 2_000, "validation": 1_000, "test": 20_000}
NPZ = {"train": "train", "validation": "val", "test": "test"}


def make_parts(seeds):
    """Returns x and y `(S, N)` of each part."""
    drawn = [draw(sum(ROWS.values()), seed) for seed in range(seeds)]
    x, y = (
        np.stack([a[:, 0] for a, _ in drawn]),
        np.stack([b for _, b in drawn]),
    )
    ends = np.cumsum(list(ROWS.values()))[:-1]
    pairs = zip(np.split(x, ends, 1), np.split(y, ends, 1), strict=True)
    return dict(zip(ROWS, pairs, strict=True))


def our_ends(parts, seed, folder):
    """Trains the note by default; returns ends, and the law's two sides."""
    arrays = {}
    for name, (x, y) in parts.items():
        arrays[f"x_{NPZ[name]}"] = x[seed][:, None]
        arrays[f"y_{NPZ[name]}"] = y[seed]
    np.savez(folder / f"{seed}.npz", **arrays)
    blocks = {
        "model": {},
        "data": {"source": str(folder / f"{seed}.npz")},
        "train": {"seed": seed},
    }
    given = settings.make(find("inn"), blocks)
    run = fit.start(
        given, setup.setup(), Quiet(), out=folder / str(seed), report=False
    ).run
    model = saving.load_model(run.model_path)
    found = model.predict(arrays["x_test"], batch_size=4096, verbose=0)
    model.set_shift([0.0])
    held = model.predict(arrays["x_train"], batch_size=4096, verbose=0)
    unit = model.spec.target.columns[0].deviation
    above = np.maximum(arrays["y_train"] - held["high"][:, 0], 0) / unit
    below = np.maximum(held["low"][:, 0] - arrays["y_train"], 0) / unit
    law = [(a.mean(), a.std() / len(a) ** 0.5) for a in (above, below)]
    return (found["low"][:, 0], found["high"][:, 0]), law, given.model.beta / 2


def show(name, truth, x, ends):
    """Prints the mean over seeds of what intervals are worth."""
    rows = []
    for y, at, low, high in zip(truth, x, *ends, strict=True):
        one = interval_scores(y, low, high, COVERAGE)
        quarters = by_quarter(inside(y, low, high), np.abs(at))
        names = "coverage", "mean_width", "interval_score"
        rows.append([*(one[n] for n in names), *quarters])
    mean, least, most = (f(rows, axis=0) for f in (np.mean, np.min, np.max))
    quarters = " ".join(f"{part:.3f}" for part in mean[3:])
    print(
        f"{name:9} coverage {mean[0]:.4f} ({least[0]:.4f} to {most[0]:.4f}), "
        f"width {mean[1]:.4f}, interval score {mean[2]:.4f}; by quarter of "
        f"|x| {quarters}",
        flush=True,
    )


def main(seeds=5):
    parts = make_parts(seeds)
    x, y = parts["test"]
    show("oracle", y, x, around(np.sin(3 * x), deviation(x) ** 2))
    began = time.process_time()
    for name, ends in rivals(parts).items():
        show(name, y, x, ends)
    print(f"{time.process_time() - began:.0f} s of processor", flush=True)
    began, found, laws = time.process_time(), [], []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(seeds):
            ends, law, wanted = our_ends(parts, seed, Path(folder))
            found.append(ends)
            laws.append(law)
    show("inn", y, x, [np.stack(ends) for ends in zip(*found, strict=True)])
    each = (time.process_time() - began) / seeds
    print(f"{each:.0f} s of processor a seed")
    for law in laws:
        told = ", ".join(f"{m:.5f} (error {e:.5f})" for m, e in law)
        print(f"overshoot above, below: {told}; beta / 2 is {wanted:.5f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
