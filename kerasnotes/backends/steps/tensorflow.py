"""Phases on TensorFlow: `GradientTape`, inside Keras' `tf.function`."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from kerasnotes.backends.phase import Inputs, Phase, PhasedModel
from kerasnotes.backends.steps import phases
from kerasnotes.base.types import Tensor


def make_train_step(model: PhasedModel) -> Callable[[Any], dict[str, Tensor]]:
    """Returns what Keras calls with a batch."""
    # Grappler's fusion of convolution, bias and leaky ReLU breaks on a graph
    # that differentiates them twice, gives up, and says so as an error.
    tf.config.optimizer.set_experimental_options({"remapping": False})
    listed = model.phases

    def train_step(data: Any) -> dict[str, Tensor]:
        inputs, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        return phases.run(model, listed, inputs, differentiate)

    return train_step


def differentiate(
    model: PhasedModel,
    phase: Phase,
    inputs: Inputs,
    scale: Callable[[Tensor], Tensor],
) -> phases.Slope:
    """Returns a phase's loss and gradients; moves no variable."""
    weights = [weight.value for weight in phase.weights]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(weights)
        with keras.StatelessScope() as scope:
            loss, seen = phase.objective(inputs)
        scaled = scale(loss)
    # An embedding's gradient lists a row as often as it was used; Adam would
    # square each part, not their sum.
    gradients = [
        None if slope is None else tf.convert_to_tensor(slope)
        for slope in tape.gradient(scaled, weights)
    ]
    moved = [scope.get_current_value(variable) for variable in phase.state]
    return loss, seen, gradients, moved
