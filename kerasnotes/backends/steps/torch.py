"""Phases on PyTorch: `autograd.grad`, which leaves every `.grad` alone."""

from collections.abc import Callable
from typing import Any

import keras
import torch

from kerasnotes.backends.phase import Inputs, Phase, PhasedModel
from kerasnotes.backends.steps import phases
from kerasnotes.base.types import Tensor


def make_train_step(model: PhasedModel) -> Callable[[Any], dict[str, Tensor]]:
    """Returns what Keras calls with a batch."""
    listed = model.phases

    def train_step(data: Any) -> dict[str, Tensor]:
        inputs, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        with torch.no_grad():
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
    with torch.enable_grad(), keras.StatelessScope() as scope:
        loss, seen = phase.objective(inputs)
        gradients = torch.autograd.grad(scale(loss), weights)
    moved = [scope.get_current_value(variable) for variable in phase.state]
    moved = [value if value is None else value.detach() for value in moved]
    seen = {name: value.detach() for name, value in seen.items()}
    return loss.detach(), seen, list(gradients), moved
