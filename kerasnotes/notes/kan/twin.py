"""The whole network in NumPy, double precision.

Small networks are solved here, not in a framework: a solver wants digits that
single precision has not, and the same numbers on every backend.
"""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.notes.kan.edges import Edges
from kerasnotes.notes.kan.nodes import joined

Loss = Literal["squared", "entropy"]
WAVE = 0.3
"""Size of the first splines, which are random parabolas."""


class Twin:
    """Layers of edges, one after another.

    Args:
        layers: From the input to the answer.
        loss: `squared`, the mean of squared errors, or `entropy`, that of
            the cross-entropy of softmax, nats.
        products: How many nodes behind each layer multiply two sums; none
            behind the last.
    """

    def __init__(
        self,
        layers: Sequence[Edges],
        loss: Loss,
        products: Sequence[int] = (),
    ) -> None:
        self.layers, self.loss = list(layers), loss
        self.products = tuple(products) or (0,) * len(self.layers)

    @classmethod
    def random(
        cls,
        widths: Sequence[int],
        order: int,
        cells: int,
        loss: Loss,
        rng: np.random.Generator,
        products: Sequence[int] = (),
    ) -> "Twin":
        """Returns a network of smooth random curves on `[-1, 1]`.

        Args:
            widths: Numbers of the input, of the sums of each hidden layer,
                of the answer.
            order: k of the splines.
            cells: G of their grids.
            loss: As of the class.
            rng: What draws.
            products: As of the class.
        """
        layers = []
        products = tuple(products) or (0,) * (len(widths) - 1)
        given = [0, *products[:-1]]
        for level, sums in enumerate(widths[1:]):
            inputs = widths[level] + given[level]
            units = sums + 2 * products[level]
            shape = (inputs, units)
            base = rng.uniform(-1, 1, shape) / math.sqrt(inputs)
            tilt, bend = WAVE * rng.normal(size=(2, *shape))
            # Coefficients at their knots' means: nearly the curve itself.
            at = np.linspace(-1, 1, cells + order)[:, None, None]
            ends = np.ones(inputs)
            layers.append(
                Edges(
                    tilt * at + bend * (at**2 - 1 / 3), base, -ends, ends, order
                )
            )
        return cls(layers, loss, products)

    def __call__(self, x: Array) -> Array:
        """Returns answers `(N, K)` for inputs `(N, D)`."""
        return self.values(x)[-1]

    def values(self, x: Array) -> list[Array]:
        """Returns the inputs of every layer, and the answer."""
        found = [x]
        for layer, count in zip(self.layers, self.products, strict=True):
            found.append(joined(layer(found[-1]), count))
        return found

    def refitted(self, x: Array, cells: int) -> "Twin":
        """Returns the same network on other grids, where its values lie."""
        values = self.values(x)[:-1]
        pairs = zip(self.layers, values, strict=True)
        layers = [edges.refitted(value, cells) for edges, value in pairs]
        return Twin(layers, self.loss, self.products)

    @property
    def flat(self) -> Array:
        """All that is learned, as one vector."""
        return np.concatenate(
            [part.ravel() for e in self.layers for part in e.parts]
        )

    @flat.setter
    def flat(self, vector: Array) -> None:
        start = 0
        for edges in self.layers:
            for part in edges.parts:
                end = start + part.size
                part[...] = vector[start:end].reshape(part.shape)
                start = end

    def measure(self, x: Array, y: Array) -> float:
        """Returns the loss of answers for `(N, D)` to targets `(N, K)`."""
        return loss_and_slope(self(x), y, self.loss)[0]


def loss_and_slope(found: Array, y: Array, loss: Loss) -> tuple[float, Array]:
    """Returns a loss, and its gradient by the answers `(N, K)`."""
    if loss == "squared":
        error = found - y
        return float(np.mean(error**2)), 2 * error / error.size
    shifted = found - found.max(axis=1, keepdims=True)
    log = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    value = -np.sum(y * log) / len(y)
    return float(value), (np.exp(log) - y) / len(y)
