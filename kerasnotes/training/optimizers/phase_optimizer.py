"""One optimizer a phase, behind what `fit` takes for a single one."""

from collections.abc import Callable
from typing import Any

import keras

from kerasnotes.backends.keras_internals import (
    moving_averages,
    optimized_weights,
)
from kerasnotes.backends.phase import Phase
from kerasnotes.base.types import Tensor

FLOAT16_SCALE = 1024.0
"""Times the loss in float16: gradients of GAN losses, means of numbers near
one, then lie in the middle of its range."""


class PhaseOptimizer(keras.optimizers.MultiOptimizer):
    """The optimizers of a model's phases.

    Keras' `MultiOptimizer` moves all its variables at once, from gradients
    of one loss. Here every phase is moved by itself; building, listing the
    variables and taking over averages at the end of `fit` are Keras' own.

    Args:
        phases: The model's phases.
        optimizers: A new optimizer for each, named after it and made in
            the scope `phases`, so that no two slots share a name.
    """

    def __init__(self, phases: list[Phase], optimizers: list[Any]) -> None:
        self._check_names(phases)
        names = [phase.name for phase in phases]
        by_name = dict(zip(names, optimizers, strict=True))
        owner = {
            variable.path: name
            for name, phase in zip(names, phases, strict=True)
            for variable in phase.weights
        }
        half = keras.config.dtype_policy().compute_dtype == "float16"
        super().__init__(
            lambda variable: by_name[owner[variable.path]],
            loss_scale_factor=FLOAT16_SCALE if half else None,
            name="phases",
        )
        self.by_name = by_name

    def build(self, var_list: list[Any]) -> None:
        # The same scope as that of their first variables: it makes the
        # phase's name a part of every slot's.
        with keras.name_scope("phases"):
            super().build(var_list)

    @staticmethod
    def _check_names(phases: list[Phase]) -> None:
        names = [phase.name for phase in phases]
        if len(set(names)) < len(names):
            raise ValueError(f"Phases need names of their own: {names}")

    @property
    def learning_rate(self) -> Any:
        """The rate of the last phase: the generator's."""
        return list(self.by_name.values())[-1].learning_rate

    def averages(self) -> list[Any]:
        """Averages in the order of all weights; `None` where there is none."""
        averages: dict[int, Any] = {}
        for optimizer in self.by_name.values():
            if optimizer.use_ema:
                slots = moving_averages(optimizer)
                pairs = zip(optimized_weights(optimizer), slots, strict=True)
                averages |= {id(weight): slot for weight, slot in pairs}
        return [averages.get(id(v)) for v in optimized_weights(self)]

    def scale_of(self, name: str) -> Callable[[Tensor], Tensor]:
        """Returns what makes a phase's loss fit the range of float16."""
        scale: Callable[[Tensor], Tensor] = self.by_name[name].scale_loss
        return scale

    def move(self, phase: Phase, gradients: list[Tensor]) -> None:
        """Moves the weights of one phase by one step."""
        self.by_name[phase.name].apply(gradients, phase.weights)

    def count(self) -> None:
        """Counts a training step, all phases together."""
        self.iterations.assign_add(1)
