"""Formulae that a network found: files of the run, beside its model."""

from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.errors import UsageError
from kerasnotes.base.files import write_text
from kerasnotes.contracts.capabilities import FindsFormulae
from kerasnotes.contracts.formula import Formula
from kerasnotes.data.reading import read_batch, spread
from kerasnotes.data.sets.expressions import Expression
from kerasnotes.tasks.by_example import ByExample
from kerasnotes.training.job import Job

NAME = "formula"
DRAWN = 2_000
"""Rows of the picture, at most."""


def write_formulae(job: Job, folder: Path) -> list[dict[str, Any]]:
    """Looks for a formula of each measured value, and writes what is found.

    Args:
        job: The run; nothing is done unless its network finds formulae.
        folder: The run's folder: `formula.txt`, `.tex`, `.py` and
            `.png`, the formula's answers over the truth.

    Returns:
        Of each formula its text, its error and whether it holds.
    """
    if not isinstance(job.model, FindsFormulae):
        return []
    found = job.model.find_formulae(
        job.dataset.train,
        job.dataset.validation,
        job.settings.train.seed,
        lambda: False,
    )
    if not found:
        return []
    names = [column.name for column in job.dataset.spec.target.columns]
    pairs = [(name, f) for name, f in zip(names, found, strict=True) if f]
    for name in {*names} - {name for name, _ in pairs}:
        job.reporter.say(f"No formula was found for {name}.")
    for name, formula in pairs:
        job.reporter.say(_told(name, formula))
    if len(pairs) == len(found):
        _draw(job, [formula for _, formula in pairs], folder)
    for suffix, lines in _files(pairs).items():
        if pairs:
            write_text(folder / f"{NAME}.{suffix}", "\n".join(lines) + "\n")
    return [
        {
            "target": name,
            "formula": formula.text,
            "rmse": formula.rmse,
            "network_rmse": formula.network,
            "holds": formula.holds,
        }
        for name, formula in pairs
    ]


def _draw(job: Job, found: list[Formula], folder: Path) -> None:
    """Draws what the formulae say over the truth of rows that are new."""
    dataset = job.dataset
    split = next(
        part
        for part in (dataset.test, dataset.validation, dataset.train)
        if len(part)
    )
    x, y = read_batch(split, spread(len(split), DRAWN))
    try:
        said = [
            Expression(formula.text)(dict(zip(formula.names, x.T, strict=True)))
            for formula in found
        ]
    except UsageError:
        # It has a function that our own reader of formulae does not know.
        return
    answers = np.stack([np.broadcast_to(each, len(x)) for each in said], 1)
    if isinstance(job.task, ByExample) and np.isfinite(answers).all():
        job.task.draw_answers(y, answers, folder / f"{NAME}.png")


def _told(name: str, formula: Formula) -> str:
    errors = (
        f"RMSE {formula.rmse:.2g} on the validation part, the network's "
        f"{formula.network:.2g}"
    )
    if formula.holds:
        return f"Formula: {name} = {formula.text} ({errors})"
    return (
        f"No formula is as good as the network; the nearest: {name} = "
        f"{formula.text} ({errors})"
    )


def _files(pairs: list[tuple[str, Formula]]) -> dict[str, list[str]]:
    return {
        "txt": [f"{name} = {formula.text}" for name, formula in pairs],
        "tex": [formula.latex for _, formula in pairs],
        "py": ["\n\n".join(f.python for _, f in pairs).rstrip()],
    }
