"""The leaky integrate-and-fire neuron."""

import keras

from kerasnotes.base.types import Tensor
from kerasnotes.layers.spiking.neuron import Neuron, State


@keras.saving.register_keras_serializable("kerasnotes")
class LIF(Neuron):
    """Leaky integrate-and-fire: a current charges a membrane that leaks.

        mem_t = beta mem_{t-1} + x_t - spk_{t-1} threshold

    With `reset="zero"` it is `beta (1 - spk_{t-1}) mem_{t-1} + x_t`.

    Args:
        steps: T; see `Neuron` for all others.

    Example:
        >>> import numpy as np
        >>> from kerasnotes.layers.spiking.lif import LIF
        >>> current = np.full((1, 1), 0.45, "float32")
        >>> spikes = LIF(5, static=True, beta=1.0)(current)
        >>> [float(spike[0]) for spike in spikes]
        [0.0, 0.0, 1.0, 0.0, 1.0]

    Reference:
        Eshraghian et al., 2023 (snnTorch's `Leaky`).
        https://arxiv.org/abs/2109.12894
    """

    def rest(self, zeros: Tensor) -> State:
        return (zeros,)

    def advance(
        self, current: Tensor, spk: Tensor, reset: Tensor, state: State
    ) -> State:
        return (self.decayed(reset, state) + current,)
