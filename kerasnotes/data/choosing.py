"""A few examples that stand for a part of a data set."""

import numpy as np

from kerasnotes.data.dataset import Split
from kerasnotes.data.spec import Spec


def choose(split: Split, spec: Spec, count: int) -> list[int]:
    """Returns indices that show as many classes as there is room for."""
    order = np.random.default_rng(0).permutation(len(split))
    labels = getattr(split, "y", None)
    if spec.target.kind != "class" or labels is None:
        return sorted(order[:count].tolist())
    turn = np.zeros(len(order), "int64")
    for number in range(spec.target.num_classes):
        here = labels[order] == number
        turn[here] = np.arange(here.sum())
    picked = order[np.argsort(turn, kind="stable")[:count]]
    return sorted(picked.tolist(), key=lambda i: (int(labels[i]), i))
