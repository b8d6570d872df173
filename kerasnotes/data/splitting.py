"""Which examples train, which choose the epoch, which are the test."""

import hashlib
from collections.abc import Sequence

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data import stratified
from kerasnotes.data.dataset import Array
from kerasnotes.data.problems import Problems

PARTS: tuple[str, ...] = ("train", "validation", "test")
NAMED = 10
"""Classes named in a sentence."""


def share(count: int, fraction: float) -> int:
    """Returns how many of `count` a fraction is: at least one unless zero."""
    return max(1, round(count * fraction)) if fraction > 0 else 0


def check_parts(config: DataConfig) -> None:
    """Raises a `UsageError` if nothing is left to train on."""
    if config.validation + config.test >= 1:
        raise UsageError(
            "The validation and test parts leave nothing to train on.",
            expected="data.validation + data.test below 1",
            received=f"{config.validation:g} + {config.test:g}",
        )


def count_training(total: int, config: DataConfig) -> int:
    """Returns how many of `total` examples are left to train on."""
    rest = total - share(total, config.test)
    if config.folds is not None:
        return rest - rest // config.folds
    return rest - share(total, config.validation)


def assign(
    parts: dict[str, Array],
    config: DataConfig,
    problems: Problems,
    names: Sequence[str] | None = None,
) -> dict[str, Array]:
    """Divides examples, stratified by label, reproducibly from the seed.

    Args:
        parts: Labels `(N,)` of the examples by part, in a fixed order:
            either `{"all": ...}`, or any of `PARTS`, which stay as they are.
            Parts that are missing are taken out of `train`.
        config: Fractions and seed.
        problems: Told where a part would be empty.
        names: The classes'; those of a single example are told then.

    Returns:
        For each of `PARTS`, sorted indices into the examples of all given
        parts, one after the other.
    """
    problems.given = tuple(parts)
    starts = np.cumsum([0, *(len(labels) for labels in parts.values())])
    where = {
        name: np.arange(starts[i], starts[i + 1])
        for i, name in enumerate(parts)
    }
    labels = np.concatenate(list(parts.values()))
    nothing = np.arange(0)
    if not {"all", "train"} & set(where):
        problems.add("no training part", "", "only " + " and ".join(where))
        return {name: where.get(name, nothing) for name in PARTS}
    pool = where.pop("all", None)
    if pool is None:
        pool = where.pop("train")
    total, strata = len(pool), labels[pool]
    for number, name in enumerate(("test", "validation")):
        if name in where:
            continue
        count = share(total, getattr(config, name))
        if count >= len(pool):
            text = f"{total} examples cannot be split in three"
            problems.add("too few", "", text)
            count = 0
        seed = config.split_seed * 2 + number
        pool, where[name] = _take(pool, labels, count, seed, problems)
    if names is not None:
        _tell_rare(strata, labels[pool], names, problems)
    return {name: pool if name == "train" else where[name] for name in PARTS}


def stamp(digest: str, parts: dict[str, Array], where: dict[str, Array]) -> str:
    """Returns a fingerprint that heeds how classes of one are divided.

    Splits of such data were random before the other classes were divided
    evenly; a run of then must not be measured on what it was trained on.

    Args:
        digest: The data's fingerprint.
        parts: As of `assign`.
        where: What it returned.

    Returns:
        `digest` itself where no class was set aside.
    """
    labels = np.concatenate(list(parts.values()))
    pool = np.concatenate([where["train"], where["validation"]])
    both = np.concatenate([pool, where["test"]])
    aside = [
        _lonely(labels[pool], len(where["validation"])).any()
        and "validation" not in parts,
        _lonely(labels[both], len(where["test"])).any() and "test" not in parts,
    ]
    if not any(aside):
        return digest
    held = where["test"].astype("<i8").tobytes()
    return hashlib.blake2b(digest.encode() + held, digest_size=16).hexdigest()


def _tell_rare(
    labels: Array, train: Array, names: Sequence[str], problems: Problems
) -> None:
    known, counts = np.unique(labels, return_counts=True)
    single = known[counts == 1]
    if len(known) == 1:
        return
    for found, where in (
        (np.intersect1d(single, train), "it is trained on, and never tested"),
        (np.setdiff1d(single, train), "it is held back, and never trained on"),
    ):
        told = ", ".join(f"`{names[number]}`" for number in found[:NAMED])
        if len(found) > NAMED:
            told += f" and {len(found) - NAMED} more"
        many = len(found) > 1
        head = f"Classes {told} have" if many else f"Class {told} has"
        if len(found):
            problems.note(f"{head} a single example: {where}.")


def _lonely(labels: Array, count: int) -> Array:
    """Returns which examples, of classes of one, no `count` may be taken of.

    None if the others cannot be divided evenly either.
    """
    places, sizes = stratified.tally(labels)
    single: Array = sizes[places] == 1
    kinds, common = int((sizes > 1).sum()), int((~single).sum())
    if count == 0 or kinds < 2 or min(count, common - count) < kinds:
        return np.zeros(len(labels), "bool")
    return single


def _take(
    pool: Array, labels: Array, count: int, seed: int, problems: Problems
) -> tuple[Array, Array]:
    """Takes `count` of `pool` out of it, stratified where that is possible.

    A class with a single example stays behind; the others are divided.
    """
    if count == 0:
        return pool, pool[:0]
    lonely = _lonely(labels[pool], count)
    common = pool[~lonely]
    _, sizes = stratified.tally(labels[common])
    room = min(count, len(common) - count)
    evenly = len(sizes) > 1 and sizes.min() > 1 and room >= len(sizes)
    if len(sizes) > 1 and not evenly:
        problems.note("Too few examples of some class for a stratified split.")
    seed %= 2**32
    drawn = np.zeros(len(pool), "bool")
    drawn[~lonely] = (
        stratified.draw_alike(labels[common], count, seed)
        if evenly
        else stratified.draw(len(common), count, seed)
    )
    return pool[~drawn], pool[drawn]
