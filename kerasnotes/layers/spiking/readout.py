"""From the output neurons' spikes or membranes to one answer an example.

    rate          mean over time of the spikes, each step held to the class
    count         sum over time of the spikes
    membrane      mean over time of the membranes, each step held to the class
    max-membrane  the highest membrane of all steps
    first-spike   minus the step of the first spike

Of several neurons a class the mean answers, of counts the sum.

Reference:
    Eshraghian et al., 2023, section on objectives; snnTorch's `functional`.
    https://arxiv.org/abs/2109.12894
"""

from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Array, Shape, Tensor
from kerasnotes.layers.spiking.neuron import unfold

Reading = Literal["rate", "count", "membrane", "max-membrane", "first-spike"]
OF_MEMBRANES: tuple[Reading, ...] = ("membrane", "max-membrane")
"""What is read from membranes; the rest from spikes."""
EACH_STEP: tuple[Reading, ...] = ("rate", "membrane")
"""What is trained at every step by itself."""


def first_spike(spk: Tensor) -> Tensor:
    """Returns minus the step of each neuron's first spike, `(B, N)`.

    Who never fires counts as firing at the last step. The gradient is 1 at
    the first spike, or at that last step: a higher membrane fires sooner.

    Args:
        spk: Tensor `(T, B, N)`.
    """
    steps = spk.shape[0]
    at = ops.convert_to_tensor(np.arange(steps)[:, None, None], spk.dtype)
    fired = ops.cast(spk > 0, spk.dtype)
    earliest = ops.min(at + steps * (1 - fired), axis=0)
    earliest = ops.minimum(earliest, steps - 1)
    here = ops.stop_gradient(ops.cast(ops.equal(at, earliest), spk.dtype))
    slope = ops.sum(here * (spk - ops.stop_gradient(spk)), axis=0)
    return slope - ops.stop_gradient(earliest)


def read(values: Tensor, reading: Reading) -> Tensor:
    """Returns logits `(B, N)` of spikes or membranes `(T, B, N)`."""
    match reading:
        case "count":
            return ops.sum(values, axis=0)
        case "max-membrane":
            return ops.max(values, axis=0)
        case "first-spike":
            return first_spike(values)
    return ops.mean(values, axis=0)


def so_far(values: Array, reading: Reading) -> Array:
    """Returns what would be read after each step, `(T, B, N)`.

    Args:
        values: Spikes or membranes `(T, B, N)`.
        reading: How they are read.
    """
    steps = np.arange(1, len(values) + 1)[:, None, None]
    match reading:
        case "count":
            found = np.cumsum(values, axis=0)
        case "max-membrane":
            found = np.maximum.accumulate(values, axis=0)
        case "first-spike":
            never = len(values)
            when = np.where(values > 0, steps - 1, never)
            found = -np.minimum.accumulate(when, axis=0)
            found = np.maximum(found, 1 - never)
        case _:
            found = np.cumsum(values, axis=0) / steps
    result: Array = found
    return result


def by_class(x: Tensor, units: int, reading: Reading) -> Tensor:
    """Returns one number of a class' P neurons: their mean, of counts the sum.

    Args:
        x: Tensor `(..., K P)`.
        units: K.
        reading: What it is.

    Returns:
        Tensor `(..., K)`.
    """
    population = x.shape[-1] // units
    if population == 1:
        return x
    groups = ops.reshape(x, (*ops.shape(x)[:-1], units, population))
    combine = ops.sum if reading == "count" else ops.mean
    return combine(groups, axis=-1)


def disagreement(logits: Tensor) -> Tensor:
    """Returns how far the steps' answers are apart, a scalar, nats.

    The mean over steps of the cross-entropy of `softmax(logits_t)` is the
    cross-entropy of `softmax(mean_t logits_t)` plus this, whatever the class:

        mean_t logsumexp(logits_t) - logsumexp(mean_t logits_t) >= 0

    Args:
        logits: Tensor `(T, B, K)`.
    """
    apart = ops.mean(ops.logsumexp(logits, axis=-1), axis=0)
    together = ops.logsumexp(ops.mean(logits, axis=0), axis=-1)
    return ops.mean(apart - together)


@keras.saving.register_keras_serializable("kerasnotes")
class Readout(keras.layers.Layer):
    """Answers once for each example: see `read`.

    With `rate` and `membrane` it adds `disagreement` to the model's losses,
    so that a cross-entropy of the answer becomes that of every step.

    Args:
        steps: T.
        units: K, numbers of the answer.
        reading: How they are read.
        each_step: Whether every step is held to the class, where `reading`
            does so.
        name: The layer's name.

    Call arguments:
        x: Spikes or membranes `(T B, K P)`, P neurons for each number.

    Returns:
        Tensor `(B, K)`, float32.
    """

    def __init__(
        self,
        steps: int,
        units: int,
        reading: Reading,
        each_step: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.steps, self.units = int(steps), int(units)
        self.reading, self.each_step = reading, bool(each_step)

    def call(self, x: Tensor) -> Tensor:
        values = unfold(x, self.steps)
        if self.each_step and self.reading in EACH_STEP:
            logits = by_class(values, self.units, self.reading)
            self.add_loss(disagreement(logits))
        return by_class(read(values, self.reading), self.units, self.reading)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch = input_shape[0]
        return (None if batch is None else batch // self.steps, self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "steps": self.steps,
            "units": self.units,
            "reading": self.reading,
            "each_step": self.each_step,
        }
