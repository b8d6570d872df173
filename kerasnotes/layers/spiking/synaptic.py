"""The neuron whose synapses keep a current for a while."""

from typing import Any

import keras

from kerasnotes.base.types import Tensor
from kerasnotes.layers.spiking.neuron import Neuron, State


@keras.saving.register_keras_serializable("kerasnotes")
class Synaptic(Neuron):
    """Second order: a spike makes a current, which charges the membrane.

        syn_t = alpha syn_{t-1} + x_t
        mem_t = beta mem_{t-1} + syn_t - spk_{t-1} threshold

    Args:
        steps: T; see `Neuron` for all others.
        alpha: Part of a current that is left after a step, 0 to 1.

    Reference:
        Eshraghian et al., 2023 (snnTorch's `Synaptic`).
        https://arxiv.org/abs/2109.12894

    Departs from it:
        - `reset="zero"` takes what the membrane was, not the current that
          comes with it: the rule of `LIF`.
    """

    def __init__(self, steps: int, alpha: float = 0.9, **kwargs: Any) -> None:
        super().__init__(steps, **kwargs)
        self.alpha = float(alpha)

    def rest(self, zeros: Tensor) -> State:
        return zeros, zeros

    def advance(
        self, current: Tensor, spk: Tensor, reset: Tensor, state: State
    ) -> State:
        syn = self.alpha * state[1] + current
        return self.decayed(reset, state) + syn, syn

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}
