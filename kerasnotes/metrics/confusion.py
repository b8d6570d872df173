"""Scores that follow from a confusion matrix: rows truth, columns answers."""

import re
from collections.abc import Sequence

import numpy as np

from kerasnotes.base.types import Array


def confusion_matrix(truth: Array, answer: Array, num_classes: int) -> Array:
    """Counts pairs of true and answered class.

    Args:
        truth: Integers `0 .. K - 1`, any shape.
        answer: Integers `0 .. K - 1`, as many.
        num_classes: `K`.

    Returns:
        Array `(K, K)`, int64; entry `[i, j]`: truly `i`, answered `j`.

    Raises:
        ValueError: If a label is not in `0 .. K - 1`.
    """
    truth = np.asarray(truth, "int64").ravel()
    answer = np.asarray(answer, "int64").ravel()
    for name, labels in (("truth", truth), ("answer", answer)):
        if labels.size and not 0 <= labels.min() <= labels.max() < num_classes:
            raise ValueError(
                f"`{name}` must hold 0 to {num_classes - 1}. Received: "
                f"{labels.min()} to {labels.max()}"
            )
    counts = np.bincount(truth * num_classes + answer, minlength=num_classes**2)
    return counts.reshape(num_classes, num_classes)


def accuracy(confusion: Array) -> float:
    """Returns the part of answers that are right; 0 without any."""
    return float(np.trace(confusion) / max(confusion.sum(), 1))


def constant_accuracy(confusion: Array) -> float:
    """Returns the accuracy of always answering the commonest true class."""
    return float(confusion.sum(axis=1).max() / max(confusion.sum(), 1))


def iou(confusion: Array) -> Array:
    """Returns each class's intersection over union.

    Args:
        confusion: Array `(K, K)`, or `(..., K, K)`.

    Returns:
        Array `(..., K)`; NaN for a class in neither truth nor answers.
    """
    both, truth, answer = _marginals(confusion)
    return _ratio(both, truth + answer - both)


def dice(confusion: Array) -> Array:
    """Returns each class's Dice, `2 TP / (2 TP + FP + FN)`: its F1 score.

    Args:
        confusion: Array `(K, K)`, or `(..., K, K)`.

    Returns:
        Array `(..., K)`; NaN for a class in neither truth nor answers.
    """
    both, truth, answer = _marginals(confusion)
    return _ratio(2 * both, truth + answer)


def mean_of_present(scores: Array) -> float:
    """Returns the mean of the scores that are not NaN; 0 without any."""
    present = scores[~np.isnan(scores)]
    return float(present.mean()) if present.size else 0.0


def by_class(
    prefix: str, scores: Array, classes: Sequence[str]
) -> dict[str, float]:
    """Names each class's score `<prefix>_<class>`; leaves NaN out."""
    return {
        f"{prefix}_{name}": float(score)
        for name, score in zip(slugs(classes), scores, strict=True)
        if not np.isnan(score)
    }


def slugs(classes: Sequence[str]) -> list[str]:
    """Returns class names fit for metric names: no spaces, none twice."""
    names = [re.sub(r"\s+", "_", name.strip()) for name in classes]
    if len(set(names)) == len(names):
        return names
    return [f"{number}_{name}" for number, name in enumerate(names)]


def _marginals(confusion: Array) -> tuple[Array, Array, Array]:
    both = np.diagonal(confusion, axis1=-2, axis2=-1)
    return both, confusion.sum(axis=-1), confusion.sum(axis=-2)


def _ratio(above: Array, below: Array) -> Array:
    ratio = np.full(below.shape, np.nan)
    np.divide(above, below, out=ratio, where=below > 0)
    return ratio
