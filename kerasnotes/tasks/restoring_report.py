"""How well a generator restores what was hidden from it."""

import functools
from pathlib import Path

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.capabilities import Restores
from kerasnotes.contracts.report import Conditions, Report
from kerasnotes.data.dataset import Split
from kerasnotes.data.spec import Spec
from kerasnotes.figures.sample_grid import save_png, tile, to_bytes
from kerasnotes.metrics.sample_scores import affordable, read_some
from kerasnotes.tasks.restoring import show_damaged

MEASURED, QUICK = 1000, 100
SHOWN = 12


def measure_restoring(
    model: Answering, split: Split, conditions: Conditions, spec: Spec
) -> Report:
    """Damages examples, and compares what the model makes of them.

    Args:
        model: Nothing is measured unless it was trained to restore.
        split: Whole examples.
        conditions: The seed, and whether to be quick.
        spec: What the model was trained on.

    Returns:
        `restored_rmse`: root mean square error in raw units, of the missing
        pixels, or of all pixels of enlarged images. `restored_rmse_plain`:
        of the mean of the known pixels instead, or of repeated pixels. A
        draw from the truth errs by sqrt(2) times what its mean would.
        Figure `restored`: damaged above restored above whole ones.
    """
    if not isinstance(model, Restores) or not model.restores:
        return Report({})
    most = QUICK if conditions.quick else MEASURED
    chosen = read_some(split, affordable(split, spec, most))[0]
    whole = np.asarray(chosen, "float32")
    damaged = model.damage(whole)
    restored = model.restore(damaged, conditions.seed)
    factor = whole.shape[1] // damaged.shape[1]
    plain = damaged.repeat(factor, axis=1).repeat(factor, axis=2)
    missing = np.isnan(plain) if factor == 1 else np.ones(plain.shape, bool)
    means = np.nanmean(plain, axis=(1, 2), keepdims=True)
    plain = np.where(np.isnan(plain), means, plain)
    triple = [part[:SHOWN] for part in (damaged, restored, whole)]
    return Report(
        {
            "restored_rmse": _rmse(restored, whole, missing),
            "restored_rmse_plain": _rmse(plain, whole, missing),
        },
        {"restored": functools.partial(_draw, triple, spec)},
    )


def _rmse(answer: Array, right: Array, where: Array) -> float:
    gap = (answer.astype("float64") - right)[where]
    return float(np.sqrt(np.square(gap).mean()))


def _draw(triple: list[Array], spec: Spec, path: Path) -> None:
    damaged, restored, whole = triple
    factor = len(whole[0]) // len(damaged[0])
    above = [show_damaged(image, spec, factor) for image in damaged]
    rows = [np.stack(above), to_bytes(restored, spec.input.limits)]
    pictures = np.concatenate([*rows, to_bytes(whole, spec.input.limits)])
    save_png(tile(pictures, len(whole)), path)
