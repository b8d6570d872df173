"""Rare classes count as much as common ones: by weights, or by drawing."""

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.dataset import Split


def class_counts(split: Split, classes: int) -> Array:
    """Returns how many examples each class has, `(K,)`.

    Args:
        split: Of examples with a class each.
        classes: How many there are.
    """
    return np.bincount(_labels(split), minlength=classes)


def class_weights(counts: Array) -> Array:
    """Returns a weight for each class, 1 on average over the examples.

    `N / (K n_k)` with `K` the classes that occur; 0 for those that do not.

    Reference:
        King & Zeng, 2001, Political Analysis 9(2), 137-163.
    """
    present = np.maximum(counts, 1) * np.count_nonzero(counts)
    return np.where(counts, counts.sum() / present, 0.0).astype("float32")


class Balanced:
    """A split whose epochs draw every class equally often.

    Examples are drawn with replacement, as many as there are.

    Args:
        split: The examples.
        classes: How many there are.
    """

    def __init__(self, split: Split, classes: int) -> None:
        self.split = split
        weights = class_weights(class_counts(split, classes))
        chances = weights[_labels(split)].astype("float64")
        self._chances = chances / chances.sum()
        read = getattr(split, "read", None)
        if read is not None:
            self.read = read

    def __len__(self) -> int:
        return len(self.split)

    def __getitem__(self, index: int) -> tuple[Array, Array]:
        return self.split[index]

    def name(self, index: int) -> str:
        return self.split.name(index)

    def order(self, rng: np.random.Generator) -> Array:
        return rng.choice(len(self), len(self), p=self._chances)


def _labels(split: Split) -> Array:
    labels = getattr(split, "y", None)
    if labels is None:
        labels = [int(split[i][1]) for i in range(len(split))]
    return np.asarray(labels, "int64").reshape(-1)
