"""Learning rates of optimizers beside AdamW's; imports no framework."""

from typing import Any

from kerasnotes.base.config import TrainConfig

TIMES = {
    "adamw": 1.0,
    "adam": 1.0,
    "sgd": 50.0,
    "momentum": 10.0,
    "nesterov": 10.0,
    "adagrad": 10.0,
    "rmsprop": 0.5,
    "adadelta": 500.0,
    "yogi": 3.0,
    "lion": 0.2,
    "muon": 1.0,
}
"""A default learning rate over that of AdamW: what a step of each is worth.

Those of gradients as they are (SGD) are a hundred times larger than those
divided by their size; Adadelta's own steps begin at a thousandth."""
MOST = 1.0
SOLVER: dict[str, Any] = {
    "learning_rate": 1.0,
    "schedule": "constant",
    "warmup": 0.0,
    "weight_decay": 0.0,
    "clip_norm": None,
}
"""Defaults of solvers: the rate is the step that L-BFGS tries first."""


def adapted(defaults: dict[str, Any], optimizer: str) -> dict[str, Any]:
    """Returns a note's defaults, which are AdamW's, for another optimizer.

    Args:
        defaults: Of `TrainConfig`.
        optimizer: Its name.
    """
    if optimizer == "adamw" or optimizer not in TIMES:
        return defaults
    usual = TrainConfig.model_fields["learning_rate"].default
    rate = TIMES[optimizer] * defaults.get("learning_rate", usual)
    found = {**defaults, "learning_rate": min(rate, MOST)}
    return {**found, "weight_decay": 0.0} if optimizer == "adam" else found
