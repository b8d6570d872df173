"""A dense layer with a distribution over its weights."""

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor
from kerasnotes.notes.bcnn.variational import Variational


@keras.saving.register_keras_serializable("kerasnotes")
class BayesianDense(Variational):
    """Dense layer of normal weights; arguments as of `Variational`.

    Call arguments:
        x: Tensor `(B, D)`.
        training: Whether to draw; else the weights are their means.

    Returns:
        Tensor `(B, units)`.

    Reference:
        Blundell et al., 2015, section 3. https://arxiv.org/abs/1505.05424
    """

    def kernel_shape(self, input_shape: Shape) -> Shape:
        return (input_shape[-1], self.units)

    def linear(self, x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
        return ops.matmul(x, kernel) + bias

    def plain_layer(self) -> keras.layers.Layer:
        return keras.layers.Dense(
            self.units, dtype=self.dtype_policy, name=self.name
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)
