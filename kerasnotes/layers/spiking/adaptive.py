"""The neuron that tires: every spike raises its threshold for a while."""

from typing import Any

import keras

from kerasnotes.base.types import Tensor
from kerasnotes.layers.spiking.neuron import Neuron, State


@keras.saving.register_keras_serializable("kerasnotes")
class Adaptive(Neuron):
    """LIF with an adaptive threshold.

        level_t = threshold + strength a_t
        a_t = rho a_{t-1} + (1 - rho) spk_{t-1}
        mem_t = beta mem_{t-1} + x_t - spk_{t-1} level_{t-1}

    Args:
        steps: T; see `Neuron` for all others.
        rho: Part of the adaptation that is left after a step, 0 to 1.
        strength: How far it raises the threshold.

    Reference:
        Bellec et al., 2018, section 2.
        https://arxiv.org/abs/1803.09574

    Departs from it:
        - Currents are not multiplied by `1 - beta`, and there is no
          refractory time.
    """

    def __init__(
        self,
        steps: int,
        rho: float = 0.97,
        strength: float = 1.8,
        **kwargs: Any,
    ) -> None:
        super().__init__(steps, **kwargs)
        self.rho, self.strength = float(rho), float(strength)

    def rest(self, zeros: Tensor) -> State:
        return zeros, zeros

    def level(self, state: State) -> Tensor:
        return self.threshold + self.strength * state[1]

    def advance(
        self, current: Tensor, spk: Tensor, reset: Tensor, state: State
    ) -> State:
        mem = self.decayed(reset, state) + current
        return mem, self.rho * state[1] + (1 - self.rho) * spk

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "rho": self.rho,
            "strength": self.strength,
        }
