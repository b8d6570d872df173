"""Recurrent cells written out as their equations read.

Weights are those of `keras.layers`, in their shapes and order, so that each
can be exchanged for the other. `keras.layers.RNN(cell)` makes a layer of one.
"""

import abc
from typing import Any, ClassVar

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor


class _Cell(keras.layers.Layer, abc.ABC):
    """Base: weights `W (D, G U)`, `U (U, G U)` and biases of `G` gates.

    Args:
        units: Size of the state.

    Call arguments:
        inputs: Tensor `(B, D)`, one step.
        states: List of tensors `(B, U)`, those of the step before.

    Returns:
        The output `(B, U)`, and the list of new states.
    """

    gates: ClassVar[int] = 1

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.state_size: Any = units
        self.output_size = units

    def build(self, input_shape: Shape) -> None:
        width = self.gates * self.units
        self.kernel = self.add_weight(
            shape=(input_shape[-1], width),
            initializer="glorot_uniform",
            name="kernel",
        )
        self.recurrent_kernel = self.add_weight(
            shape=(self.units, width),
            initializer="orthogonal",
            name="recurrent_kernel",
        )
        self.bias = self.add_weight(
            shape=self.bias_shape(), initializer="zeros", name="bias"
        )

    def bias_shape(self) -> Shape:
        """Returns the shape of the biases."""
        return (self.gates * self.units,)

    @abc.abstractmethod
    def call(
        self, inputs: Tensor, states: list[Tensor], training: bool = False
    ) -> tuple[Tensor, list[Tensor]]: ...

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("kerasnotes")
class RNNCell(_Cell):
    """A plain recurrent cell.

        h_t = tanh(x_t W + h_{t-1} U + b)

    Reference:
        Elman, 1990, Cognitive Science 14(2), 179-211.
        https://doi.org/10.1207/s15516709cog1402_1
    """

    def call(
        self, inputs: Tensor, states: list[Tensor], training: bool = False
    ) -> tuple[Tensor, list[Tensor]]:
        [h] = states
        h = ops.tanh(
            inputs @ self.kernel + h @ self.recurrent_kernel + self.bias
        )
        return h, [h]


@keras.saving.register_keras_serializable("kerasnotes")
class LSTMCell(_Cell):
    """Long short-term memory: a sum that gates open and close.

        i_t = sigmoid(x_t W_i + h_{t-1} U_i + b_i)     input gate
        f_t = sigmoid(x_t W_f + h_{t-1} U_f + b_f)     forget gate
        g_t =    tanh(x_t W_g + h_{t-1} U_g + b_g)     candidate
        o_t = sigmoid(x_t W_o + h_{t-1} U_o + b_o)     output gate
        c_t = f_t c_{t-1} + i_t g_t
        h_t = o_t tanh(c_t)

    `W` is `[W_i W_f W_g W_o]`, and so are `U` and `b`; `b_f` begins at 1, so
    that nothing is forgotten at first (Jozefowicz et al., 2015).

    Reference:
        Hochreiter & Schmidhuber, 1997, Neural Computation 9(8), with the
        forget gate of Gers, Schmidhuber & Cummins, 2000.
        https://doi.org/10.1162/neco.1997.9.8.1735
    """

    gates = 4

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.state_size = [units, units]

    def build(self, input_shape: Shape) -> None:
        super().build(input_shape)
        forget = ops.concatenate(
            [
                ops.zeros(self.units),
                ops.ones(self.units),
                ops.zeros(2 * self.units),
            ]
        )
        self.bias.assign(forget)

    def call(
        self, inputs: Tensor, states: list[Tensor], training: bool = False
    ) -> tuple[Tensor, list[Tensor]]:
        h, c = states
        z = inputs @ self.kernel + h @ self.recurrent_kernel + self.bias
        z_i, z_f, z_g, z_o = ops.split(z, 4, axis=-1)
        i, f, o = ops.sigmoid(z_i), ops.sigmoid(z_f), ops.sigmoid(z_o)
        c = f * c + i * ops.tanh(z_g)
        h = o * ops.tanh(c)
        return h, [h, c]


@keras.saving.register_keras_serializable("kerasnotes")
class GRUCell(_Cell):
    """Gated recurrent unit: the new state lies between the old and another.

        z_t = sigmoid(x_t W_z + b_z + h_{t-1} U_z + d_z)     update gate
        r_t = sigmoid(x_t W_r + b_r + h_{t-1} U_r + d_r)     reset gate
        n_t = tanh(x_t W_n + b_n + r_t (h_{t-1} U_n + d_n))  candidate
        h_t = z_t h_{t-1} + (1 - z_t) n_t

    `W` is `[W_z W_r W_n]`, and so are `U`, `b` and `d`. That `r` comes after
    the product is `reset_after` of Keras, and what PyTorch and cuDNN compute.

    Reference:
        Cho et al., 2014, eqs. (5)-(8). https://arxiv.org/abs/1406.1078
    """

    gates = 3

    def bias_shape(self) -> Shape:
        return (2, 3 * self.units)

    def call(
        self, inputs: Tensor, states: list[Tensor], training: bool = False
    ) -> tuple[Tensor, list[Tensor]]:
        [h] = states
        x_z, x_r, x_n = ops.split(inputs @ self.kernel + self.bias[0], 3, -1)
        h_z, h_r, h_n = ops.split(
            h @ self.recurrent_kernel + self.bias[1], 3, -1
        )
        z, r = ops.sigmoid(x_z + h_z), ops.sigmoid(x_r + h_r)
        n = ops.tanh(x_n + r * h_n)
        h = z * h + (1 - z) * n
        return h, [h]
