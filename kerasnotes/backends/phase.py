"""What a note with several optimizers lists: who moves what, on which loss."""

import dataclasses
from collections.abc import Callable
from typing import Any, Protocol

from kerasnotes.base.types import Tensor

Inputs = dict[str, Tensor]
Objective = Callable[[Inputs], tuple[Tensor, dict[str, Tensor]]]
"""From a batch to the scalar to be made smaller, and scalars to be shown."""


@dataclasses.dataclass(frozen=True)
class Phase:
    """One optimizer moving one set of weights on one scalar loss.

    A training step runs the phases in order. What a phase does not list
    stays as it is, bit for bit, whatever its loss does to it on the way:
    the statistics of the other player's normalization, its seeds.

    Args:
        name: Of the optimizer too.
        objective: The loss, in `keras.ops`, and what else is to be seen of
            it; every name needs a tracker in the model's `trackers`.
        weights: Trainable variables that the optimizer moves.
        state: Other variables that running the loss moves: statistics of
            normalization, seeds.
        repeat: Optimizer steps per training step, each on a share of its
            own of the batch: the examples are different ones.
        rate: Times `train.learning_rate`.
        beta_1: Adam's decay of the mean of gradients.
        beta_2: Adam's decay of the mean of their squares.
        averaged: Whether `train.ema` is for these weights.
    """

    name: str
    objective: Objective
    weights: list[Any]
    state: list[Any]
    repeat: int = 1
    rate: float = 1.0
    beta_1: float = 0.9
    beta_2: float = 0.999
    averaged: bool = False


class PhasedModel(Protocol):
    """A compiled `keras.Model` that lists its phases, as the steps see it.

    Attributes:
        optimizer: A `PhaseOptimizer`.
        trackers: A `keras.metrics.Mean` for every name that a phase shows.
    """

    optimizer: Any
    trackers: dict[str, Any]

    @property
    def phases(self) -> list[Phase]: ...
    @property
    def variables(self) -> list[Any]: ...
    @property
    def trainable_variables(self) -> list[Any]: ...
    @property
    def non_trainable_variables(self) -> list[Any]: ...
    @property
    def metrics_variables(self) -> list[Any]: ...
    def get_metrics_result(self) -> dict[str, Tensor]: ...
