"""Learning rates that differ from weight to weight."""

from collections.abc import Mapping
from typing import Any

from kerasnotes.backends.keras_internals import place_of_weight


def scaled(kind: Any) -> Any:
    """Returns an optimizer's class with a factor for each weight's rate.

    Args:
        kind: A class of `keras.optimizers`; what is returned takes `factors`
            beside its arguments, by the paths of the weights.
    """
    return type(f"Scaled{kind.__name__}", (_Scaled, kind), {})


class _Scaled:
    """An optimizer that moves each weight at a rate of its own."""

    def __init__(
        self, *, factors: Mapping[str, float], **settings: Any
    ) -> None:
        super().__init__(**settings)
        self._named = dict(factors)
        self._factors: list[float] = []

    def build(self, variables: Any) -> None:
        built: Any = super()
        built.build(variables)
        # In a step there are no paths: TensorFlow's own variables are moved.
        self._factors = [self._named.get(v.path, 1.0) for v in variables]

    def update_step(
        self, gradient: Any, variable: Any, learning_rate: Any
    ) -> None:
        factor = self._factors[place_of_weight(self, variable)]
        step: Any = super()
        step.update_step(gradient, variable, learning_rate * factor)
