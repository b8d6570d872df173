"""Which layers learn, in which part of a run, and how fast.

A run whose frozen layers are set free after some epochs has two stages. Each
has an optimizer and a schedule of its own: the second begins with a warm-up,
for weights that have not moved yet.

Reference:
    Howard & Ruder, 2018, section 3.2 (rates by depth, gradual unfreezing).
    https://arxiv.org/abs/1801.06146
"""

import dataclasses
import fnmatch
from collections.abc import Iterator, Sequence
from typing import Any

from kerasnotes.base.config import TrainConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.capabilities import LearnsInStages

COPIED = "copied"
"""In place of a pattern: every layer whose weights were copied."""


@dataclasses.dataclass(frozen=True)
class Stage:
    """Epochs of a run that have an optimizer in common.

    Args:
        number: 0, or 1 once frozen layers are free, or others learn.
        start: Epochs done when it begins.
        end: Epochs done when it ends.
    """

    number: int
    start: int
    end: int


def stage_of(model: Any, train: TrainConfig, epochs: int, done: int) -> Stage:
    """Returns the stage that a run of `epochs` is in after `done` of them."""
    turn = train.unfreeze_after
    if isinstance(model, LearnsInStages):
        turn = model.turn(epochs, train.start_from is not None)
    if turn is None or turn >= epochs:
        return Stage(0, 0, epochs)
    return Stage(1, turn, epochs) if done >= turn else Stage(0, 0, turn)


def choose_layers(
    model: Any, patterns: Sequence[str], copied: Sequence[str]
) -> tuple[str, ...]:
    """Returns the names of the layers that patterns mean.

    Args:
        model: The network.
        patterns: As of the shell, `stage1_*`; or `COPIED`.
        copied: Layers with copied weights.

    Raises:
        UsageError: If one means none, or nothing is left to learn.
    """
    names = [layer.name for layer in _layers(model) if layer.trainable_weights]
    chosen: set[str] = set()
    for pattern in patterns:
        found = (
            [name for name in names if name in copied]
            if pattern == COPIED
            else fnmatch.filter(names, pattern)
        )
        if not found:
            raise UsageError(
                f"There is no layer `{pattern}` to freeze.",
                expected=f"`{COPIED}`, or a pattern of " + ", ".join(names),
                received=pattern,
            )
        chosen.update(found)
    if len(chosen) == len(names):
        raise UsageError(
            "Nothing would be left to learn.",
            expected="a layer that is not frozen",
            received=", ".join(patterns),
            hint=f"--freeze {COPIED} leaves the new layers free",
        )
    return tuple(name for name in names if name in chosen)


def freeze(model: Any, names: Sequence[str], stage: Stage) -> None:
    """Lets layers learn or not; frozen normalizations use kept statistics."""
    for layer in _layers(model):
        if layer.name in names:
            layer.trainable = stage.number > 0


def check_own_stages(model: Any, train: TrainConfig) -> None:
    """Refuses what does not go with stages of the network's own.

    Raises:
        UsageError: Says what.
    """
    if not isinstance(model, LearnsInStages):
        return
    if model.turn(train.epochs, train.start_from is not None) is None:
        return
    wrong = {
        "freeze": bool(train.freeze),
        "time_limit": train.time_limit is not None,
        "schedule": train.schedule == "cyclic",
    }
    for name, given in wrong.items():
        if given:
            raise UsageError(
                f"train.{name} does not go with a network that learns in "
                "stages of its own, each with a schedule.",
                expected=f"no train.{name}",
                received=f"train.{name}={getattr(train, name)}",
                hint="leave it out",
            )


def rate_factors(model: Any, scale: float | None) -> dict[str, float] | None:
    """Returns what each weight's learning rate is multiplied by.

    From `scale` for the layer nearest the input to 1 for the last, evenly
    in the logarithm.

    Args:
        model: The network, with its layers in order.
        scale: Of the first; `None` if all learn alike.
    """
    if scale is None:
        return None
    layers = [layer for layer in _layers(model) if layer.trainable_weights]
    last = max(1, len(layers) - 1)
    return {
        weight.path: scale ** ((last - place) / last)
        for place, layer in enumerate(layers)
        for weight in layer.trainable_weights
    }


def _layers(model: Any) -> Iterator[Any]:
    """Yields the layers that hold no others."""
    for layer in model.layers:
        if getattr(layer, "layers", None):
            yield from _layers(layer)
        else:
            yield layer
