"""A schedule, and averages of weights, that keep a `Pace`.

The pace is one variable of three numbers, which the optimizer lists among
its own: so every backend's compiled step reads it anew, and a checkpoint
holds it.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.training.optimizers.pace import Pace
from kerasnotes.training.state import PACE, to_numpy


class Tempo:
    """Holds a `Pace` in a variable.

    Attributes:
        variable: `(3,)`, float32: start, place, speed.
    """

    def __init__(self) -> None:
        with keras.name_scope("schedule"):
            self.variable = keras.Variable(
                np.array([*vars(Pace()).values()], "float32"),
                trainable=False,
                dtype="float32",
                name=PACE,
            )

    def read(self) -> Pace:
        return Pace(*to_numpy(self.variable).tolist())

    def write(self, pace: Pace) -> None:
        values = [pace.start, pace.place, pace.speed]
        self.variable.assign(np.array(values, "float32"))

    def place(self, step: Tensor, repeat: int) -> Tensor:
        """Returns the place of a step in a schedule.

        Args:
            step: Steps of an optimizer.
            repeat: How many of them one step of training is.
        """
        start, place, speed = (self.variable[i] for i in range(3))
        since = ops.cast(step, "float32") - repeat * start
        return repeat * place + speed * since

    def hurry(self) -> Tensor:
        """Returns how many steps of the schedule one is worth, at least 1."""
        return ops.maximum(self.variable[2], 1.0)


class PacedSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that is walked at a pace.

    Args:
        schedule: From the number of the optimizer's step to its rate.
        tempo: Holds the pace, in steps of training.
        repeat: Steps of the optimizer in one of training.
    """

    def __init__(self, schedule: Any, tempo: Tempo, repeat: int) -> None:
        super().__init__()
        self.schedule, self.tempo, self.repeat = schedule, tempo, repeat

    def __call__(self, step: Any) -> Any:
        return self.schedule(self.tempo.place(step, self.repeat))

    def get_config(self) -> dict[str, Any]:
        return {"schedule": self.schedule, "repeat": self.repeat}


def paced(kind: Any) -> Any:
    """Returns an optimizer's class with moving averages that keep the pace.

    Args:
        kind: A class of `keras.optimizers`; what is returned takes a `tempo`
            beside its arguments.
    """
    return type(f"Paced{kind.__name__}", (_Paced, kind), {})


class _Paced:
    """An optimizer whose moving averages keep the pace of the schedule.

    A step that walks `n` steps of the schedule forgets as much as `n` would:
    the average then spans the same share of the run, instead of the weights
    that a short run began with.
    """

    def __init__(self, *, tempo: Tempo, **settings: Any) -> None:
        super().__init__(**settings)
        self._tempo = tempo

    @property
    def ema_momentum(self) -> Any:
        return ops.power(self._decay, self._tempo.hurry())

    @ema_momentum.setter
    def ema_momentum(self, decay: float) -> None:
        self._decay = decay
