"""The neuron whose membrane answers a spike by an alpha function."""

import math
from typing import Any

import keras

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.layers.spiking.neuron import Neuron, State


@keras.saving.register_keras_serializable("kerasnotes")
class Alpha(Neuron):
    """A spike's potential rises, and falls: two traces, one against the other.

        exc_t = alpha exc_{t-1} + x_t,    inh_t = beta inh_{t-1} - x_t
        mem_t = tau (exc_t + inh_t) - ref_t
        tau = 1 + log(alpha) / (log(beta) - log(alpha))

    What spikes take from it, `ref_t = beta ref_{t-1} + spk_{t-1} threshold`,
    decays as a membrane does: with one trace in place of two it would be
    `LIF`. With `reset="zero"` the traces begin anew.

    Args:
        steps: T; see `Neuron` for all others.
        alpha: Part of the slower trace that is left after a step, above
            `beta`.

    Raises:
        ValueError: If `alpha` is not above `beta`, or `beta` is learned, or
            the reset is at once: the membrane is no state here.

    Reference:
        Gerstner & Kistler, 2002, Spiking Neuron Models, section 4.2 (the
        reset as a kernel).
        Eshraghian et al., 2023 (snnTorch's `Alpha`: the two traces).
        https://arxiv.org/abs/2109.12894

    Departs from it:
        - snnTorch 1.0's reset by subtraction takes the threshold from one
          trace and all of the other.
    """

    def __init__(self, steps: int, alpha: float = 0.95, **kwargs: Any) -> None:
        super().__init__(steps, **kwargs)
        self.alpha = float(alpha)
        if not 0 < self.first_beta < self.alpha < 1:
            raise ValueError(
                "`alpha` and `beta` must be between 0 and 1, `alpha` the "
                f"larger. Received: alpha={alpha}, beta={self.first_beta}"
            )
        if self.learn_beta or not self.delay:
            raise ValueError(
                "The alpha neuron has a fixed `beta` and resets with delay. "
                f"Received: learn_beta={self.learn_beta}, delay={self.delay}"
            )
        rise, fall = math.log(self.alpha), math.log(self.first_beta)
        self._tau = 1 + rise / (fall - rise)

    def build(self, input_shape: Shape) -> None:
        self.built = True

    def rest(self, zeros: Tensor) -> State:
        return zeros, zeros, zeros, zeros

    def advance(
        self, current: Tensor, spk: Tensor, reset: Tensor, state: State
    ) -> State:
        _, exc, inh, ref = state
        if self.reset == "zero":
            exc, inh = exc - reset * exc, inh - reset * inh
        exc = self.alpha * exc + current
        inh = self.first_beta * inh - current
        mem = self._tau * (exc + inh)
        if self.reset == "subtract":
            ref = self.first_beta * ref + reset * self.threshold
            mem = mem - ref
        return mem, exc, inh, ref

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}
