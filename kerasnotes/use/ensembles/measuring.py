"""How well an ensemble answers: beside its members, and beside other ways."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from kerasnotes.base.types import Progress
from kerasnotes.contracts.report import Conditions, Draw
from kerasnotes.data.dataset import Dataset, Split
from kerasnotes.runs.run import Record
from kerasnotes.tasks.matching import match
from kerasnotes.use.ensembles.checks import learned
from kerasnotes.use.ensembles.combining import Way
from kerasnotes.use.ensembles.held_out import HeldOut, answer, score
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
    """

    record: Record
    remarks: tuple[str, ...]
    draws: Mapping[str, Draw]


def measure(
    together: Trained,
    opened: Sequence[Trained],
    dataset: Dataset,
    held: HeldOut | Record | None,
    others: Sequence[Way],
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
        others: Ways of answering together, to compare with.
        progress: Told how far it is.
    """
    folds = isinstance(held, HeldOut)
    extra: Record = held.told if isinstance(held, HeldOut) else held or {}
    if isinstance(held, HeldOut) and not len(dataset.test):
        return _out_of_fold(together, held)
    name = "test" if len(dataset.test) else "validation"
    conditions = Conditions(progress=progress, quick=True)
    told = evaluate(together, conditions=conditions, split=name)
    part = match(dataset.split(name), dataset.spec, together.spec)
    if others:
        beside = _beside(together, opened, part, others, told.metrics)
    else:
        beside = _of_members(opened, part, told.metrics, progress)
    record = {**extra, "split": name, "metrics": {**told.metrics, **beside}}
    remarks = told.remarks
    if folds:
        remarks += (
            "A fold also chose its member's epoch: numbers out of fold are a "
            "little too good.",
        )
    return Told(record, remarks, told.draws)


def _out_of_fold(together: Trained, held: HeldOut) -> Told:
    """Returns the numbers of the mean of groups, on the training part."""
    metrics = score(together, held.answers.mean(axis=0), held.truth)
    remark = (
        "There is no test part: these are numbers of the mean, out of fold. "
        "The folds chose epochs: they are a little too good."
    )
    record = {**held.told, "split": "out-of-fold", "metrics": metrics}
    return Told(record, (remark,), {})


def _beside(
    together: Trained,
    opened: Sequence[Trained],
    part: Split,
    others: Sequence[Way],
    told: Numbers,
) -> Numbers:
    """Returns the scores of members, and of other ways, from their answers."""
    asked = [answer(one, part) for one in opened]
    truth, answers = asked[0][1], np.stack([found for found, _ in asked])
    found: Numbers = {}
    for way in others:
        for name, value in score(together, way(answers), truth).items():
            found[f"{_known(name, told)}_{way.combine}"] = value
    each = [score(together, one, truth) for one in answers]
    return {**found, **_mean(each, told)}


def _of_members(
    opened: Sequence[Trained],
    part: Split,
    told: Numbers,
    progress: Progress | None,
) -> Numbers:
    """Returns the mean of the members' own scores, on the ensemble's part.

    Those that were measured on it at the end of their training are not
    measured again.
    """
    each = []
    for number, one in enumerate(opened, start=1):
        measured = one.record.get("metrics", {})
        if not measured or learned(one) != learned(opened[0]):
            conditions = Conditions(batch_size=one.batch_size, quick=True)
            measured = one.task.evaluate(one.model, part, conditions).metrics
        each.append(measured)
        if progress:
            progress("measuring members", number, len(opened))
    return _mean(each, told)


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
