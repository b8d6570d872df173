"""How well an ensemble answers: beside its members, and beside other ways."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence

import numpy as np

from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.report import Conditions, Draw
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.reading import parts, read_batch
from kerasnotes.figures.fold_figures import Validated, draw_folds
from kerasnotes.runs.run import Record
from kerasnotes.tasks.by_example import ByExample
from kerasnotes.tasks.matching import match
from kerasnotes.use.ensembles.checks import learned
from kerasnotes.use.ensembles.combining import Way
from kerasnotes.use.ensembles.held_out import HeldOut, score
from kerasnotes.use.ensembles.listening import Listening
from kerasnotes.use.evaluate import evaluate
from kerasnotes.use.trained import Trained

Numbers = dict[str, float]
_BESIDE = ("_constant", "_ridge")
"""Endings of numbers that are not the network's."""


@dataclasses.dataclass(frozen=True)
class Told:
    """What measuring found.

    Args:
        record: What the ensemble's record says of it.
        remarks: What one must know to read it.
        draws: Draws each picture.
        each: The members' own numbers.
    """

    record: Record
    remarks: tuple[str, ...]
    draws: Mapping[str, Draw]
    each: Sequence[Numbers]


def measure(
    together: Trained,
    opened: Sequence[Trained],
    dataset: Dataset,
    held: HeldOut | Record | None,
    ways: tuple[Way, Sequence[Way]],
    progress: Progress | None,
) -> Told:
    """Measures an ensemble on the test part.

    Without one, on the validation part, which chose epochs; or, of folds,
    on the training part, each example by who did not learn from it.

    Args:
        together: The ensemble.
        opened: Its members.
        dataset: Its data.
        held: What members answer to what they did not learn from.
        ways: In which it answers; and others, to compare with.
        progress: Told how far it is.
    """
    folds = isinstance(held, HeldOut)
    extra: Record = held.told if isinstance(held, HeldOut) else held or {}
    if isinstance(held, HeldOut) and not len(dataset.test):
        return _out_of_fold(together, held)
    name = "test" if len(dataset.test) else "validation"
    own, others = ways
    heard = Listening(together.model, own)
    told = evaluate(
        dataclasses.replace(together, model=heard),
        conditions=Conditions(progress=progress, quick=True),
        split=name,
    )
    part = match(dataset.split(name), dataset.spec, together.spec)
    batches = list(parts(len(part), together.batch_size))
    answers = heard.said([len(batch) for batch in batches])
    # Read again rather than kept: members need not be asked for it.
    truth = np.concatenate([read_batch(part, batch)[1] for batch in batches])
    found: Numbers = {}
    for way in others:
        for key, value in score(together, way(answers), truth).items():
            found[f"{_known(key, told.metrics)}_{way.combine}"] = value
    each = _of_members(opened, answers, truth)
    beside = {**found, **_mean(each, told.metrics)}
    record = {**extra, "split": name, "metrics": {**told.metrics, **beside}}
    remarks = told.remarks
    if folds:
        remarks += (
            "A fold also chose its member's epoch: numbers out of fold are a "
            "little too good.",
        )
    draws = {**told.draws, **_draws(together, held)}
    return Told(record, remarks, draws, each)


def _out_of_fold(together: Trained, held: HeldOut) -> Told:
    """Returns the numbers of the mean of groups, on the training part."""
    metrics = score(together, held.answers.mean(axis=0), held.truth)
    remark = (
        "There is no test part: these are numbers of the mean, out of fold. "
        "The folds chose epochs: they are a little too good."
    )
    record = {**held.told, "split": "out-of-fold", "metrics": metrics}
    return Told(record, (remark,), _draws(together, held), held.each)


def _draws(together: Trained, held: HeldOut | Record | None) -> dict[str, Draw]:
    """Returns the pictures of a cross-validation."""
    task = together.task
    if not isinstance(held, HeldOut) or not isinstance(task, ByExample):
        return {}
    mean = held.answers.mean(axis=0)
    told = held.told["cross_validation"]
    groups = [
        Validated(
            f"{number}: {one['note']}",
            [fold["fold"] for fold in one["folds"]],
            {
                name: np.array([fold["metrics"][name] for fold in one["folds"]])
                for name in one["mean"]
            },
        )
        for number, one in enumerate(told, start=1)
    ]
    return {
        "folds": functools.partial(draw_folds, groups),
        "out-of-fold": functools.partial(task.draw_answers, held.truth, mean),
    }


def _of_members(
    opened: Sequence[Trained], answers: Array, truth: Array
) -> list[Numbers]:
    """Returns the members' own scores, on the ensemble's part.

    Those that were measured on it when they were trained keep their numbers:
    a report knows some that answers alone do not tell.
    """
    first, each = learned(opened[0]), []
    for one, answer in zip(opened, answers, strict=True):
        known: Numbers = one.record.get("metrics") or {}
        alike = learned(one) == first
        if not known or not alike:
            known = score(one, answer, truth, classes=True)
        each.append(known)
    return each


def _mean(each: Sequence[Numbers], told: Numbers) -> Numbers:
    """Returns the mean of each number that the ensemble has too."""
    found: dict[str, list[float]] = {}
    for measured in each:
        for name, value in measured.items():
            found.setdefault(_known(name, told), []).append(value)
    return {
        f"{name}_member": float(np.mean(values))
        for name, values in found.items()
        if name in told
        and not name.endswith(_BESIDE)
        and not name.startswith("f1_")
    }


def _known(name: str, told: Numbers) -> str:
    """Returns a number's name: a Bayesian report says `nll` for `loss`."""
    return "nll" if name == "loss" and "nll" in told else name
