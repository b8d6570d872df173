"""Words of ensembles: what members differ in, and how they answer together."""

from typing import Literal

Members = Literal["seeds", "bagging", "folds", "snapshot"]
MEMBERS: tuple[Members, ...] = ("seeds", "bagging", "folds", "snapshot")
"""Their seeds; also a draw of the training part, with replacement; also the
fold that they are validated on; or the cycle of one training they end."""
Combine = Literal["mean", "weighted", "vote", "stacked"]
COMBINE: tuple[Combine, ...] = ("mean", "weighted", "vote", "stacked")
"""Mean of the answers; mean by fitted weights; classes by the number of
votes; a regression on the answers."""
MOST_MEMBERS = 100
LEAST = 1e-6
"""Probability below which the logarithm that is stacked does not fall."""

TASKS = {
    ("classification", "mean"): "bayesian-classification",
    ("classification", "weighted"): "classification",
    ("classification", "vote"): "classification",
    ("classification", "stacked"): "classification",
    ("regression", "mean"): "regression",
    ("regression", "weighted"): "regression",
    ("regression", "stacked"): "regression",
}
"""What an ensemble's answer means: of a mean of classes, its doubt too."""
COMBINED = frozenset(task for task, _ in TASKS)
"""Tasks whose networks can be put together."""
