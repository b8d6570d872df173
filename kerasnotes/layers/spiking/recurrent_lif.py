"""The neurons of a layer that hear one another."""

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.layers.spiking.neuron import Neuron, State


@keras.saving.register_keras_serializable("kerasnotes")
class RecurrentLIF(Neuron):
    """LIF with a weight from every neuron to every one of its layer.

        mem_t = beta mem_{t-1} + x_t + spk_{t-1} W + b - spk_{t-1} threshold

    Args:
        steps: T; see `Neuron` for all others. Currents are `(T B, units)`.

    Raises:
        ValueError: If a step's current is no row of numbers.

    Reference:
        Eshraghian et al., 2023 (snnTorch's `RLeaky`).
        https://arxiv.org/abs/2109.12894

    Departs from it:
        - `reset="zero"` takes what the membrane was, not what comes in.
    """

    def build(self, input_shape: Shape) -> None:
        if len(input_shape) != 2:
            raise ValueError(
                "Recurrent neurons stand in a row. Received: "
                f"input_shape={tuple(input_shape)}"
            )
        units = input_shape[-1]
        self.recurrent_kernel = self.add_weight(
            (units, units), "glorot_uniform", name="recurrent_kernel"
        )
        self.bias = self.add_weight((units,), "zeros", name="recurrent_bias")
        super().build(input_shape)

    def rest(self, zeros: Tensor) -> State:
        return (zeros,)

    def advance(
        self, current: Tensor, spk: Tensor, reset: Tensor, state: State
    ) -> State:
        heard = ops.matmul(spk, self.recurrent_kernel) + self.bias
        return (self.decayed(reset, state) + current + heard,)
