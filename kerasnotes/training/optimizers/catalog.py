"""Every optimizer by name, with decay, clipping, averaging and a pace."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import keras

from kerasnotes.backends.kernels.adamw import AdamW
from kerasnotes.base.config import SOLVERS, TrainConfig
from kerasnotes.training.optimizers.paced import PacedSchedule, Tempo, paced
from kerasnotes.training.optimizers.scaled import scaled
from kerasnotes.training.optimizers.schedules import make_schedule
from kerasnotes.training.optimizers.yogi import Yogi

MOMENTUM = 0.9


class WholeSteps(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule for Keras' count of parts, made from one of whole steps.

    Args:
        schedule: From the number of the optimizer's step to its rate.
        parts: Batches accumulated per optimizer step.
    """

    def __init__(self, schedule: Any, parts: int) -> None:
        super().__init__()
        self.schedule, self.parts = schedule, parts

    def __call__(self, step: Any) -> Any:
        return self.schedule(keras.ops.floor_divide(step, self.parts))

    def get_config(self) -> dict[str, Any]:
        return {"schedule": self.schedule, "parts": self.parts}


def make_optimizer(
    train: TrainConfig,
    total_steps: int,
    parts: int = 1,
    name: str | None = None,
    *,
    tempo: Tempo | None = None,
    repeat: int = 1,
    factors: Mapping[str, float] | None = None,
) -> Any:
    """Returns the optimizer with a schedule, clipping and averaging.

    Args:
        train: Its name, rates, decay, clipping, averaging.
        total_steps: Its own steps in the whole run.
        parts: Batches accumulated per optimizer step.
        name: Its name; Keras' by default.
        tempo: Holds the pace of the schedule, or `None`.
        repeat: Its own steps in one step of training.
        factors: Of each weight's rate, by path; `None` if all are alike.
    """
    schedule = make_schedule(train, total_steps)
    kind, settings = _KINDS[train.optimizer]
    make: Callable[..., Any] = kind
    if tempo is not None:
        make = functools.partial(paced(kind), tempo=tempo)
        if not isinstance(schedule, float):
            schedule = PacedSchedule(schedule, tempo, repeat)
    if factors is not None:
        make = functools.partial(scaled(kind), factors=factors)
        if tempo is not None:
            make = functools.partial(
                paced(scaled(kind)), tempo=tempo, factors=factors
            )
    if train.optimizer == "muon":
        # What is no matrix is moved by AdamW, whose decay is told apart.
        settings = {"adam_weight_decay": train.weight_decay}
    optimizer = make(
        learning_rate=_of_whole_steps(schedule, parts),
        weight_decay=train.weight_decay,
        global_clipnorm=train.clip_norm,
        use_ema=train.ema is not None,
        # Keras averages after every part, not after every step.
        ema_momentum=(train.ema or 0.99) ** (1 / parts),
        gradient_accumulation_steps=parts if parts > 1 else None,
        name=name,
        **settings,
    )
    # Decay pulls kernels only: norms and biases set scale and offset.
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer


def _of_whole_steps(schedule: Any, parts: int) -> Any:
    constant = isinstance(schedule, float)
    return schedule if constant or parts == 1 else WholeSteps(schedule, parts)


_KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "adamw": (AdamW, {}),
    "adam": (AdamW, {}),
    "sgd": (keras.optimizers.SGD, {}),
    "momentum": (keras.optimizers.SGD, {"momentum": MOMENTUM}),
    "nesterov": (
        keras.optimizers.SGD,
        {"momentum": MOMENTUM, "nesterov": True},
    ),
    "adagrad": (keras.optimizers.Adagrad, {}),
    "rmsprop": (keras.optimizers.RMSprop, {}),
    "adadelta": (keras.optimizers.Adadelta, {}),
    "yogi": (Yogi, {"epsilon": 1e-3}),
    "lion": (keras.optimizers.Lion, {}),
    "muon": (keras.optimizers.Muon, {}),
    # Have no state and are never stepped: the note itself moves its weights.
    **dict.fromkeys(SOLVERS, (keras.optimizers.SGD, {})),
}
