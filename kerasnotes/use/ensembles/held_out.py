"""Answers to training examples by members that did not learn from them.

Of K folds each member answers for its own (out of fold); of bootstraps each
for what it did not draw (out of bag).
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.types import Array
from kerasnotes.data.dataset import Dataset, Split
from kerasnotes.data.reading import parts, read_batch
from kerasnotes.data.resampling import divisible, fold_numbers, left_out
from kerasnotes.data.spec import Spec
from kerasnotes.inference.predictor import Predictor
from kerasnotes.runs.run import Record
from kerasnotes.tasks.by_example import ByExample
from kerasnotes.tasks.matching import match
from kerasnotes.use.trained import Trained


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """What groups of members answer to what they did not learn from.

    Args:
        answers: Array `(G, N, K)`.
        truth: Classes `(N,)`, or values `(N, K)`.
        groups: The group of each member, from 0: of one note and network.
        each: What each member scored on its own fold.
        told: What the ensemble's record says of it.
    """

    answers: Array
    truth: Array
    groups: list[int]
    each: list[dict[str, float]]
    told: Record


def data_of(one: Trained) -> Record:
    """Returns how a member's data were divided, as recorded."""
    return dict(one.record.get("config", {}).get("data", {}))


def group(opened: Sequence[Trained]) -> list[int]:
    """Returns the group of each member, from 0: of one note and network."""
    found: list[Any] = []
    groups = []
    for one in opened:
        kind = one.note, one.record.get("config", {}).get("model")
        if kind not in found:
            found.append(kind)
        groups.append(found.index(kind))
    return groups


def missing_folds(opened: Sequence[Trained]) -> list[int] | None:
    """Returns the folds that some group has no member for.

    `None` if members have no folds, or others than each other.
    """
    counts = {data_of(one).get("folds") for one in opened}
    if len(counts) != 1 or None in counts:
        return None
    [count] = counts
    every = set(range(1, int(count or 0) + 1))
    missing: set[int] = set()
    groups = group(opened)
    for number in set(groups):
        mine = [
            one for one, g in zip(opened, groups, strict=True) if g == number
        ]
        missing |= every - {int(data_of(one)["fold"]) for one in mine}
    return sorted(missing)


def answer(one: Trained, split: Split) -> tuple[Array, Array]:
    """Returns a member's answers `(N, K)` to a part, and the truth."""
    predict, found, truth = Predictor(one.model), [], []
    for indices in parts(len(split), one.batch_size):
        x, y = read_batch(split, indices)
        found.append(predict(x))
        truth.append(y)
    return np.concatenate(found), np.concatenate(truth)


def out_of_fold(
    opened: Sequence[Trained], data: Dataset, config: DataConfig, spec: Spec
) -> HeldOut:
    """Returns what members answer to their own folds.

    Args:
        opened: For each group and fold one member or more.
        data: All folds as its training part.
        config: The first member's.
        spec: What the members were trained on.
    """
    groups, train = group(opened), divisible(data.train, config)
    folds = fold_numbers(data, config)
    rows = [np.flatnonzero(folds == data_of(one)["fold"]) for one in opened]
    asked = [
        answer(one, match(train.take(mine), data.spec, spec))
        for one, mine in zip(opened, rows, strict=True)
    ]
    width = asked[0][0].shape[1]
    sums = np.zeros((max(groups) + 1, len(train), width))
    counts = np.zeros((len(sums), len(train), 1))
    truth = np.zeros((len(train), *asked[0][1].shape[1:]), asked[0][1].dtype)
    for number, mine, (found, y) in zip(groups, rows, asked, strict=True):
        sums[number, mine] += found
        counts[number, mine] += 1
        truth[mine] = y
    answers = sums / counts
    each = [score(one, *pair) for one, pair in zip(opened, asked, strict=True)]
    told = {
        "cross_validation": [
            _cross_validation(
                [
                    (one, len(mine), metrics)
                    for one, g, mine, metrics in zip(
                        opened, groups, rows, each, strict=True
                    )
                    if g == number
                ],
                answers[number],
                truth,
            )
            for number in range(len(answers))
        ]
    }
    return HeldOut(answers, truth, groups, each, told)


def _cross_validation(
    members: Sequence[tuple[Trained, int, dict[str, float]]],
    answers: Array,
    truth: Array,
) -> Record:
    """Returns each fold's numbers, their mean and deviation, and all in one.

    Args:
        members: Of one group, with the size of each one's fold and what it
            scored there.
        answers: Of all, in the order of the examples.
        truth: Of all.
    """
    table = {
        name: [metrics[name] for *_, metrics in members]
        for name in members[0][2]
    }
    return {
        "note": members[0][0].note,
        "folds": [
            {
                "fold": data_of(one)["fold"],
                "examples": size,
                "metrics": metrics,
            }
            for one, size, metrics in members
        ],
        "mean": {k: float(np.mean(v)) for k, v in table.items()},
        "deviation": {k: float(np.std(v, ddof=1)) for k, v in table.items()},
        "out_of_fold": score(members[0][0], answers, truth),
    }


def out_of_bag(
    opened: Sequence[Trained], data: Dataset, config: DataConfig, spec: Spec
) -> Record:
    """Returns the numbers of what members answer to what they did not draw.

    Args:
        opened: Members that drew their training part.
        data: With the training part that they drew from.
        config: The first member's.
        spec: What the members were trained on.
    """
    train = divisible(data.train, config)
    total, sums, truth = len(train), None, None
    counts = np.zeros((total, 1))
    for one in opened:
        rows = left_out(total, int(data_of(one)["bootstrap"]))
        found, y = answer(one, match(train.take(rows), data.spec, spec))
        if sums is None or truth is None:
            sums = np.zeros((total, found.shape[1]))
            truth = np.zeros((total, *y.shape[1:]), y.dtype)
        sums[rows] += found
        truth[rows] = y
        counts[rows] += 1
    if sums is None or truth is None:
        raise ValueError("no members")
    some = np.flatnonzero(counts)
    metrics = score(opened[0], sums[some] / counts[some], truth[some])
    told = {
        "examples": len(some),
        "of": total,
        "members": float(counts[some].mean()),
        "metrics": metrics,
    }
    return {"out_of_bag": told}


def score(
    one: Trained, answers: Array, truth: Array, *, classes: bool = False
) -> dict[str, float]:
    """Returns a task's numbers; those of each class only if asked for."""
    task = one.task
    if not isinstance(task, ByExample):
        raise TypeError(f"answers of {task.name} cannot be put together")
    found = task.score(truth, answers)
    return {k: v for k, v in found.items() if classes or not _of_class(k)}


def _of_class(name: str) -> bool:
    return name.startswith("f1_")
