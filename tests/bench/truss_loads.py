"""Loads of trusses: intervals of `inn` beside a quantile network's.

    python -m tests.bench.truss_loads [quantile loads uncertainty evolution]

2,800 trusses to learn from, 1,000 that calibrate, 10,000 that are measured;
both forces are to lie in their 95 % intervals. Widths are in kN.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

from kerasnotes.data.sets.truss_loads import TrussOptions, draw
from kerasnotes.metrics.conformal import conformal_shift
from kerasnotes.metrics.interval_scores import interval_scores
from kerasnotes.notes import find
from kerasnotes.runs import saving
from kerasnotes.runtime import setup
from kerasnotes.training import fit, settings
from kerasnotes.training.progress import Quiet
from tests.bench.intervals_torch import COVERAGE, Networks, pinball, train

# ruff: noqa: TID253  (one side is the native PyTorch)
CUTS = 2_800, 3_800
CASES = 13_800
FORMS = {
    "loads": ({"mode": "loads"}, {}),
    "uncertainty": ({}, {}),
    "evolution": (
        {"mode": "loads", "widths": [8]},
        {"optimizer": "evolution"},
    ),
}


def quantile_ends(parts):
    """Returns ends on the last two parts, of two quantiles a force."""
    torch.manual_seed(0)
    (x, y), *others = parts
    mean, scale = (f(x, axis=0) for f in (np.mean, np.std))
    middle, unit = (f(y, axis=0) for f in (np.mean, np.std))

    def tensor(array, shift, size):
        return torch.tensor((array - shift) / size, dtype=torch.float32)[None]

    networks = train(
        Networks(1, 4, inputs=x.shape[1]),
        tensor(x, mean, scale),
        tensor(y, middle, unit),
        pinball,
    )
    found = []
    for given, _ in others:
        with torch.no_grad():
            ends = networks(tensor(given, mean, scale)).numpy()[0]
        found.append(tuple(e * unit + middle for e in np.split(ends, 2, 1)))
    return found


def our_ends(parts, form, folder):
    """Trains the note in one of `FORMS`; returns ends on the last part."""
    names = ("train", "val", "test")
    arrays = {
        f"{side}_{name}": array
        for name, pair in zip(names, parts, strict=True)
        for side, array in zip("xy", pair, strict=True)
    }
    np.savez(folder / "truss.npz", **arrays)
    blocks = {
        "model": form[0],
        "data": {"source": str(folder / "truss.npz")},
        "train": form[1],
    }
    run = fit.start(
        settings.make(find("inn"), blocks),
        setup.setup(),
        Quiet(),
        out=folder / "run",
        report=False,
    ).run
    model = saving.load_model(run.model_path)
    found = model.predict(parts[-1][0], batch_size=4096, verbose=0)
    return found["low"], found["high"]


def show(name, truth, low, high):
    for force in range(truth.shape[1]):
        one = interval_scores(
            *(a[:, force] for a in (truth, low, high)), COVERAGE
        )
        told = ", ".join(
            f"{key} {one[key]:.4f}"
            for key in ("coverage", "mean_width", "interval_score")
        )
        print(f"{name}, force {force + 1}: {told}", flush=True)


def main(*names):
    names = names or ("quantile", *FORMS)
    x, y = draw(TrussOptions(cases=CASES))
    parts = list(zip(np.split(x, CUTS), np.split(y, CUTS), strict=True))
    truth = parts[-1][1]
    if "quantile" in names:
        chosen, tested = quantile_ends(parts)
        show("quantile", truth, *tested)
        shift = conformal_shift(parts[1][1], *chosen, COVERAGE)
        show("cqr", truth, tested[0] - shift, tested[1] + shift)
    for name in (name for name in names if name in FORMS):
        with tempfile.TemporaryDirectory() as folder:
            ends = our_ends(parts, FORMS[name], Path(folder))
        show(f"inn, {name}", truth, *ends)


if __name__ == "__main__":
    main(*sys.argv[1:])
