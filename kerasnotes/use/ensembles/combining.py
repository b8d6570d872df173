"""Ways in which members answer together, fitted on what they did not learn."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.base.ensembles import Combine
from kerasnotes.base.types import Array
from kerasnotes.inference.ensemble import Ensemble
from kerasnotes.inference.ensemble_layers import group_means
from kerasnotes.metrics.blending import Stack, fit_stack, fit_weights, vote
from kerasnotes.use.ensembles.held_out import HeldOut


@dataclasses.dataclass(frozen=True)
class Way:
    """One way of answering together.

    Args:
        combine: Its name.
        shares: The weight of each member.
        groups: The group of each member, where they are stacked.
        stack: The regression on the groups, where they are stacked.
    """

    combine: Combine
    shares: list[float]
    groups: list[int] = dataclasses.field(default_factory=list)
    stack: Stack | None = None

    def model(self, networks: Sequence[Any]) -> Ensemble:
        """Returns the members as one network."""
        groups = self.groups or None
        made = Ensemble(networks, self.combine, self.shares, groups)
        if self.stack is not None:
            made.put_stack(self.stack.kernel, self.stack.bias)
        return made

    def __call__(self, answers: Array) -> Array:
        """Returns one answer `(N, K)` of those of the members, `(M, N, K)`."""
        if self.stack is not None:
            means = np.einsum("mnk,mg->gnk", answers, group_means(self.groups))
            return self.stack(means)
        if self.combine == "vote":
            return vote(answers)
        return np.tensordot(np.array(self.shares), answers, 1)


def even(combine: Combine, count: int) -> Way:
    """Returns a way in which nothing is fitted: mean or vote."""
    return Way(combine, [1 / count] * count)


def stacked(held: HeldOut) -> Way:
    """Returns a regression on the answers of groups to what is held out."""
    stack = fit_stack(held.answers, held.truth)
    return Way("stacked", _within(held, None), held.groups, stack)


def weighted(held: HeldOut) -> Way:
    """Returns weights of groups, fitted on what is held out."""
    weights = fit_weights(held.answers, held.truth)
    return Way("weighted", _within(held, weights))


def weighted_by(answers: Sequence[Array], truth: Array) -> Way:
    """Returns weights of members, fitted on what all of them held out."""
    return Way("weighted", fit_weights(np.stack(answers), truth).tolist())


def _within(held: HeldOut, weights: Array | None) -> list[float]:
    """Returns each member's share of its group's weight."""
    sizes = np.bincount(held.groups)
    if weights is None:
        weights = sizes / sizes.sum()
    return [float(weights[g] / sizes[g]) for g in held.groups]
