"""A layer of a Kolmogorov-Arnold network: a learned function on every edge.

    y_o = sum_i  b_io silu(x_i) + s_io sum_j c_jio B_j(x_i)

Reference:
    Liu et al., 2024, KAN: Kolmogorov-Arnold Networks, eq. (2.10) to (2.12).
    https://arxiv.org/abs/2404.19756
"""

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Array, Tensor
from kerasnotes.notes.kan.edges import Edges
from kerasnotes.notes.kan.spline import spline_features

NOISE = 0.1
"""Deviation of the first coefficients, over the root of the inputs."""


@keras.saving.register_keras_serializable("kerasnotes")
class KANLayer(keras.layers.Layer):
    """Adds up a spline and a scaled SiLU of every input, for every unit.

    Each input has a grid of its own, evenly spaced between `limits`. Beyond
    it the splines go on as lines. One matrix product is all the layer is,
    after the bases.

    Args:
        units: How many numbers it gives.
        grid: G, cells of a grid.
        order: k, the splines' order: 3 are cubic.
        scale: Whether each edge has a factor `s` before its spline, as in the
            paper: it can say nothing more, but learns otherwise.
        room: Cells that there are coefficients for, `grid` at least: a grid
            can become finer, and the network stays what it is compiled as.
        name: The layer's name.

    Call arguments:
        x: Tensor `(B, D)`.

    Returns:
        Tensor `(B, units)`.
    """

    def __init__(
        self,
        units: int,
        grid: int = 5,
        order: int = 3,
        scale: bool = False,
        room: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units, self.grid = int(units), int(grid)
        self.room = max(self.grid, room or 0)
        self.order, self.scale = int(order), bool(scale)

    @property
    def bases(self) -> int:
        """Of each input, those left over included."""
        return self.room + self.order

    def build(self, input_shape: Any) -> None:
        inputs = int(input_shape[-1])
        spread = 1 / math.sqrt(inputs)
        self.coefficients = self.add_weight(
            (self.bases, inputs, self.units),
            keras.initializers.RandomNormal(stddev=NOISE * spread),
            name="coefficients",
        )
        self.base = self.add_weight(
            (inputs, self.units),
            keras.initializers.RandomUniform(-spread, spread),
            name="base",
        )
        if self.scale:
            self.factors = self.add_weight(
                (inputs, self.units), "ones", name="scale"
            )
        self.limits = self.add_weight(
            (2, inputs), "zeros", trainable=False, name="limits"
        )
        self.cells = self.add_weight(
            (),
            keras.initializers.Constant(self.grid),
            trainable=False,
            name="cells",
        )
        self.limits.assign([[-1.0] * inputs, [1.0] * inputs])
        self.built = True

    def call(self, x: Tensor) -> Tensor:
        inputs = self.base.shape[0]
        splines = ops.convert_to_tensor(self.coefficients)
        if self.scale:
            splines = splines * self.factors
        splines = ops.reshape(splines, (self.bases * inputs, self.units))
        low, high = self.limits[0], self.limits[1]
        cells = ops.round(ops.convert_to_tensor(self.cells))
        bases = spline_features(x, low, high, cells, self.order, self.bases)
        # Two products: one of both would copy bases and coefficients first.
        return ops.matmul(ops.silu(x), self.base) + ops.matmul(bases, splines)

    @property
    def edges(self) -> Edges:
        """What it holds, in double precision; factors `s` multiplied in."""
        used = round(float(to_numpy(self.cells))) + self.order
        splines = to_numpy(self.coefficients)[:used]
        if self.scale:
            splines = splines * to_numpy(self.factors)
        low, high = to_numpy(self.limits)
        return Edges(splines, to_numpy(self.base), low, high, self.order)

    @edges.setter
    def edges(self, edges: Edges) -> None:
        unused = self.bases - len(edges.coefficients)
        self.coefficients.assign(
            np.pad(edges.coefficients, ((0, unused), (0, 0), (0, 0)))
        )
        self.base.assign(edges.base)
        self.limits.assign(np.stack([edges.low, edges.high]))
        self.cells.assign(edges.cells)
        if self.scale:
            self.factors.assign(np.ones(edges.base.shape))

    def set_grid(self, low: Array, high: Array) -> None:
        """Moves the grids; the coefficients stay as they are.

        Args:
            low: Where each input's begins, `(D,)`.
            high: Where it ends, `(D,)`.
        """
        self.limits.assign(np.stack([low, high]))

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "grid": self.grid,
            "order": self.order,
            "scale": self.scale,
            "room": self.room,
        }


def to_numpy(variable: Any) -> Array:
    """Returns a variable's values, float64."""
    return np.asarray(keras.ops.convert_to_numpy(variable), "float64")
