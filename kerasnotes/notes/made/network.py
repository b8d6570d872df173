"""Dense layers whose masks make every logit see earlier pixels alone."""

import math
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from kerasnotes.base.types import Array, Shape, Tensor
from kerasnotes.layers.dropout import dropout
from kerasnotes.notes.made.degrees import (
    degrees_of,
    hidden_degrees,
    pixel_orders,
)


@keras.saving.register_keras_serializable("kerasnotes")
class MaskedLayers(keras.layers.Layer):
    """Masked hidden layers, and logits of every pixel.

        h_1 = g((W_1 . [m_k >= d_i]) x + b_1),   h_l alike
        logits = (V . [d_i > m_k]) h + (A . [d_i > d_j]) x + c

    Args:
        widths: Hidden units by layer.
        outputs: Logits of a pixel.
        order: `raster` or `random`.
        orders: How many.
        order_seed: Of random ones.
        direct: Whether there is `A`.
        activation: `g`, Keras' name.
        rate: Of dropout after each hidden layer.
        classes: That it is told of; 0 for none.

    Call arguments:
        x: Tensor `(B, H, W, C)` in `[-1, 1]`.
        labels: Integer Tensor `(B,)`, or `None`.
        order: Number of the order, integer scalar.

    Returns:
        Tensor `(B, H, W, C, outputs)`.

    Attributes:
        sequence: Pixels by number, `(orders, D)`, first first; kept with the
            weights, so that a file does not depend on how they were drawn.

    Reference:
        Germain et al., 2015, eq. (8) to (15), algorithm 1.
        https://arxiv.org/abs/1502.03509
    """

    def __init__(
        self,
        widths: tuple[int, ...],
        outputs: int,
        *,
        order: str = "raster",
        orders: int = 1,
        order_seed: int = 0,
        direct: bool = True,
        activation: str = "relu",
        rate: float = 0.0,
        classes: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.widths, self.outputs = tuple(widths), outputs
        self.order, self.orders, self.order_seed = order, orders, order_seed
        self.direct, self.activation, self.rate = direct, activation, rate
        self.classes = classes
        self.drops = [dropout(rate, f"drop{n}") for n in range(len(widths))]
        self.act = keras.activations.get(activation)
