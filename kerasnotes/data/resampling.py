"""Other training parts of the same data: folds, and draws with replacement.

The test part is never touched. Of K folds of the training part one is held
out for validation, and the others are trained on. A bootstrap draws as many
examples as there are, with replacement: of N examples, each is left out with
probability `(1 - 1/N)^N`, about 36.8 %.

Reference:
    Stone, 1974, Journal of the Royal Statistical Society B 36(2), 111-147.
    Breiman & Spector, 1992, International Statistical Review 60(3), 291-319
    (folds by the order of a measured value).
    Efron, 1979, Annals of Statistics 7(1), 1-26 (the bootstrap).
"""

import dataclasses
from typing import Any

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array, Dataset, Divides, Split
from kerasnotes.data.meaning import regression
from kerasnotes.data.problems import Problems


def whole(config: DataConfig) -> DataConfig:
    """Returns the settings of the data before they are drawn from."""
    changes: dict[str, Any] = {"folds": None, "fold": None, "bootstrap": None}
    if config.folds is not None:
        # A fold is the validation part: no other is taken off.
        changes |= {"validation": 0.0}
    return config.model_copy(update=changes)


def resample(data: Dataset, config: DataConfig, problems: Problems) -> Dataset:
    """Returns data with the training part that the settings ask for.

    Args:
        data: As of `whole(config)`.
        config: Names a fold, or the seed of a bootstrap; without either,
            the data are returned as they are.
        problems: Told of a target that does not vary any more.

    Raises:
        DataError: If there are not as many examples as folds, or they cannot
            be drawn from.
    """
    if config.folds is None and config.bootstrap is None:
        return data
    train = divisible(data.train, config)
    if config.bootstrap is not None:
        drawn = train.take(bootstrap(len(train), config.bootstrap))
        return _with_training(data, drawn, data.validation, problems)
    folds = fold_numbers(data, config)
    held_out = train.take(np.flatnonzero(folds == config.fold))
    rest = train.take(np.flatnonzero(folds != config.fold))
    if len(data.validation):
        problems.note(
            f"The {len(data.validation):,} validation examples of the source "
            "are left aside: a fold is held out instead."
        )
    return _with_training(data, rest, held_out, problems)


def divisible(split: Split, config: DataConfig) -> Divides:
    """Returns a split that examples can be taken of.

    Raises:
        DataError: If they cannot.
    """
    if isinstance(split, Divides):
        return split
    raise DataError(
        f"Examples of {config.source} cannot be drawn anew.",
        expected="data of which single examples can be taken",
        received=type(split).__name__,
    )


def fold_numbers(data: Dataset, config: DataConfig) -> Array:
    """Returns the fold of each training example, `(N,)`, from 1.

    Folds differ by one example at most, and so does each class in them. Of one
    measured value each fold has its part of every quantile.

    Args:
        data: As of `whole(config)`.
        config: The number of folds, and the split's seed.

    Raises:
        DataError: If there are not as many examples.
    """
    count, folds = len(data.train), int(config.folds or 1)
    if count < folds:
        raise DataError(
            f"{config.source} cannot be divided into {folds} folds.",
            expected=f"{folds} training examples or more",
            received=str(count),
        )
    return deal(_strata(data, folds), folds, config.split_seed)


def _strata(data: Dataset, folds: int) -> Array:
    """Returns what each fold is to have its part of, whole numbers `(N,)`.

    The classes; of one measured value, as many neighbours in size as there
    are folds. Several values have no order, and are dealt as they come.
    """
    count, target = len(data.train), data.spec.target
    alike = np.zeros(count, "int64")
    y = np.asarray(getattr(data.train, "y", alike))
    if target.kind == "class":
        return y
    if target.kind == "values" and y.size == count:
        ranks = np.empty(count, "int64")
        ranks[np.argsort(y.ravel(), kind="stable")] = np.arange(count)
        return ranks // folds
    return alike


def deal(strata: Array, folds: int, seed: int) -> Array:
    """Deals examples out to folds, one stratum after the other.

    Args:
        strata: Of each example, `(N,)`.
        folds: How many.
        seed: Of the order within a stratum.

    Returns:
        Numbers `(N,)`, from 1 to `folds`.
    """
    mixed = np.random.default_rng([seed, folds]).permutation(len(strata))
    order = mixed[np.argsort(strata[mixed], kind="stable")]
    numbers = np.empty(len(strata), "int64")
    numbers[order] = np.arange(len(strata)) % folds + 1
    return numbers


def bootstrap(count: int, seed: int) -> Array:
    """Returns `count` of as many rows, with replacement, sorted."""
    rng = np.random.default_rng([seed, count])
    return np.sort(rng.integers(0, count, count))


def left_out(count: int, seed: int) -> Array:
    """Returns the rows that `bootstrap` does not draw, sorted."""
    return np.setdiff1d(np.arange(count), bootstrap(count, seed))


def _with_training(
    data: Dataset, train: Split, validation: Split, problems: Problems
) -> Dataset:
    spec, target = data.spec, data.spec.target
    if target.kind == "values":
        values = np.asarray(getattr(train, "y", ()))
        field = regression.measure(target, values, spec.name, problems)
        spec = spec.with_target(columns=field.columns)
    return dataclasses.replace(
        data, spec=spec, train=train, validation=validation
    )
