"""Phases on JAX: `value_and_grad` over a stateless scope, inside Keras' jit."""

from collections.abc import Callable
from typing import Any

import jax
import keras

from kerasnotes.backends.phase import Inputs, Phase, PhasedModel
from kerasnotes.backends.steps import phases
from kerasnotes.base.types import Tensor

State = tuple[list[Tensor], ...]


def make_train_step(
    model: PhasedModel,
) -> Callable[[State, Any], tuple[dict[str, Tensor], State]]:
    """Returns what Keras calls with the values of all variables and a batch."""
    listed = model.phases

    def train_step(state: State, data: Any) -> tuple[dict[str, Tensor], State]:
        inputs, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        groups = (
            model.trainable_variables,
            # Not `non_trainable_weights`: that leaves the seeds out.
            model.non_trainable_variables,
            model.optimizer.variables,
            model.metrics_variables,
        )
        mapping = [
            pair
            for variables, values in zip(groups, state, strict=True)
            for pair in zip(variables, values, strict=True)
        ]
        with keras.StatelessScope(state_mapping=mapping) as scope:
            logs = phases.run(model, listed, inputs, differentiate)
        values = tuple(
            [scope.get_current_value(variable) for variable in variables]
            for variables in groups
        )
        return logs, values

    return train_step


def differentiate(
    model: PhasedModel,
    phase: Phase,
    inputs: Inputs,
    scale: Callable[[Tensor], Tensor],
) -> phases.Slope:
    """Returns a phase's loss and gradients; moves no variable."""
    # Read in the scope of the step: values as they are at this phase.
    current = [(variable, variable.value) for variable in model.variables]

    def loss_of(values: list[Tensor]) -> Any:
        mapping = [*current, *zip(phase.weights, values, strict=True)]
        with keras.StatelessScope(state_mapping=mapping) as scope:
            loss, seen = phase.objective(inputs)
        moved = [scope.get_current_value(variable) for variable in phase.state]
        return scale(loss), (loss, seen, moved)

    weights = [weight.value for weight in phase.weights]
    gradient = jax.grad(loss_of, has_aux=True)
    gradients, (loss, seen, moved) = gradient(weights)
    return loss, seen, gradients, moved
