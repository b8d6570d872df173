"""One training step of several optimizers: what the backends share.

`tensorflow.py`, `jax.py` and `torch.py` beside this file tell how a loss is
differentiated; the order of things is written once, here.
"""

import importlib
from collections.abc import Callable, Iterator

import keras
from keras import ops

from kerasnotes.backends import keras_internals
from kerasnotes.backends.phase import Inputs, Phase, PhasedModel
from kerasnotes.base.types import Tensor

Slope = tuple[Tensor, dict[str, Tensor], list[Tensor], list[Tensor | None]]
"""A loss, what else was seen of it, its gradients, and new values of the
phase's state: `None` where nothing changed."""
Differentiate = Callable[
    [PhasedModel, Phase, Inputs, Callable[[Tensor], Tensor]], Slope
]


def install(model: PhasedModel) -> None:
    """Gives a compiled model the training step of its phases.

    Args:
        model: A model with `phases` and `trackers`, compiled with a
            `PhaseOptimizer`. Keras' `fit` does the rest: compiling the
            step, data, callbacks.
    """
    name = keras.backend.backend()
    room = importlib.import_module(f"kerasnotes.backends.steps.{name}")
    # Past Keras' tracking of attributes, which walks what it is given.
    vars(model)["train_step"] = room.make_train_step(model)


def run(
    model: PhasedModel,
    phases: list[Phase],
    inputs: Inputs,
    slope: Differentiate,
) -> dict[str, Tensor]:
    """Takes one step of every phase; returns the model's running means."""
    size = ops.shape(inputs["x"])[0]
    total = ops.zeros(())
    for phase in phases:
        for share in shares(inputs, phase.repeat):
            loss, seen, gradients, moved = slope(
                model, phase, share, model.optimizer.scale_of(phase.name)
            )
            for variable, value in zip(phase.state, moved, strict=True):
                if value is not None:
                    variable.assign(value)
            model.optimizer.move(phase, gradients)
        for name, value in seen.items():
            model.trackers[name].update_state(value)
        total = total + loss
    model.optimizer.count()
    keras_internals.loss_tracker(model).update_state(total, sample_weight=size)
    return dict(model.get_metrics_result())


def shares(inputs: Inputs, count: int) -> Iterator[Inputs]:
    """Cuts a batch into `count` equal ones; what is left over is left out."""
    for number in range(count):
        if count == 1:
            yield inputs
            return
        size = ops.shape(inputs["x"])[0] // count
        yield {
            name: value[number * size : (number + 1) * size]
            for name, value in inputs.items()
        }
