"""A dense layer with a distribution over its weights."""

from typing import Any

import keras
from keras import ops

from kerasnotes.layers.bayesian_layer import BayesianLayer
from kerasnotes.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class BayesianDense(BayesianLayer):
    """Dense layer of normal weights; see `BayesianLayer`.

    Args:
        units: Size of the output.

    Call arguments:
        x: Tensor `(B, D)`.
        training: Whether to draw; if false, the means are used.

    Returns:
        Tensor `(B, units)`.

    Reference:
        Blundell et al., 2015, section 3. https://arxiv.org/abs/1505.05424
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, x_shape: Shape) -> None:
        self.build_posteriors((x_shape[-1], self.units))

    def linear(self, x: Tensor, kernel: Tensor) -> Tensor:
        return ops.matmul(x, kernel)

    def compute_output_shape(self, x_shape: Shape) -> Shape:
        return (*x_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}
