"""Which examples train, which choose the epoch, which are the test."""

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data.dataset import Array
from kerasnotes.data.problems import Problems

PARTS: tuple[str, ...] = ("train", "validation", "test")


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
    """Returns how many of `total` examples `assign` leaves to train on."""
    return total - share(total, config.test) - share(total, config.validation)


def assign(
    parts: dict[str, Array], config: DataConfig, problems: Problems
) -> dict[str, Array]:
    """Divides examples, stratified by label, reproducibly from the seed.

    Args:
        parts: Labels `(N,)` of the examples by part, in a fixed order:
            either `{"all": ...}`, or `train` and any of the others, which
            stay as they are. Parts that are missing are taken out of
            `train`.
        config: Fractions and seed.
        problems: Told where a part would be empty.

    Returns:
        For each of `PARTS`, sorted indices into the examples of all given
        parts, one after the other.
    """
    starts = np.cumsum([0, *(len(labels) for labels in parts.values())])
    where = {
        name: np.arange(starts[i], starts[i + 1])
        for i, name in enumerate(parts)
    }
    labels = np.concatenate(list(parts.values()))
    pool = where.pop("all", None)
    if pool is None:
        pool = where.pop("train")
    total = len(pool)
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
    return {name: pool if name == "train" else where[name] for name in PARTS}


def _take(
    pool: Array, labels: Array, count: int, seed: int, problems: Problems
) -> tuple[Array, Array]:
    """Takes `count` of `pool` out of it, stratified where that is possible."""
    from sklearn.model_selection import train_test_split

    if count == 0:
        return pool, pool[:0]
    of_pool = labels[pool]
    _, sizes = np.unique(of_pool, return_counts=True)
    room = min(count, len(pool) - count)
    stratified = len(sizes) > 1 and sizes.min() >= 2 and room >= len(sizes)
    if len(sizes) > 1 and not stratified:
        problems.note("Too few examples of some class for a stratified split.")
    rest, taken = train_test_split(
        pool,
        test_size=count,
        random_state=seed % 2**32,
        stratify=of_pool if stratified else None,
    )
    return np.sort(rest), np.sort(taken)
