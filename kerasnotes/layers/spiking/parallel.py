"""The neuron without a reset: all its steps at once."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.layers.spiking.lif import LIF
from kerasnotes.layers.spiking.neuron import unfold


@keras.saving.register_keras_serializable("kerasnotes")
class Parallel(LIF):
    """LIF without a reset: one matrix product over time.

        mem_t = sum_{s <= t} beta^(t - s) x_s

    Args:
        steps: T; see `Neuron` for all others.

    Raises:
        ValueError: If there is to be a reset.

    Reference:
        Fang et al., 2023, Parallel spiking neurons.
        https://arxiv.org/abs/2304.12760

    Departs from it:
        - The matrix is the leak's, of one number, which may be learned; in
          the paper all `T (T + 1) / 2` are.
    """

    def __init__(self, steps: int, **kwargs: Any) -> None:
        super().__init__(steps, **{"reset": "none", **kwargs})
        if self.reset != "none":
            raise ValueError(
                f"Parallel neurons have no reset. Received: reset={self.reset}"
            )

    def leaks(self) -> Tensor:
        """Returns what step `s` leaves for step `t`, `(T, T)`."""
        steps = np.arange(self.steps)
        past = np.maximum(steps[:, None] - steps, 0).astype(self.compute_dtype)
        causal = np.tri(self.steps, dtype=self.compute_dtype)
        return ops.power(self.beta, ops.convert_to_tensor(past)) * causal

    def run(self, currents: Sequence[Tensor]) -> tuple[list[Any], list[Any]]:
        return self._at_once(ops.stack(list(currents)))

    def _at_once(self, currents: Tensor) -> tuple[Any, Any]:
        """Returns spikes and membranes `(T, B, ...)`."""
        flat = ops.reshape(currents, (self.steps, -1))
        mem = ops.matmul(self.leaks(), flat)
        mem = ops.reshape(mem, ops.shape(currents))
        return self._fire((mem,)), mem

    def call(self, x: Tensor) -> Tensor:
        if self.static:
            x = ops.broadcast_to(x[None], (self.steps, *ops.shape(x)))
        else:
            x = unfold(x, self.steps)
        spk, mem = self._at_once(x)
        found = spk if self.gives == "spikes" else mem
        return ops.reshape(found, (-1, *found.shape[2:]))
