"""The whole network in NumPy, double precision: its loss and its gradient.

Small networks are solved here, not in a framework: a call of L-BFGS wants
digits that single precision has not, and the same numbers on every backend.
"""

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.notes.kan.edges import Edges, silu, silu_slope

Loss = Literal["squared", "entropy"]
WAVE = 0.3
"""Size of the first splines, which are random parabolas."""


class Twin:
    """Layers of edges, one after another.

    Args:
        layers: From the input to the answer.
        loss: `squared`, the mean of squared errors, or `entropy`, that of
            the cross-entropy of softmax, nats.
    """

    def __init__(self, layers: Sequence[Edges], loss: Loss) -> None:
        self.layers, self.loss = list(layers), loss

    @classmethod
    def random(
        cls,
        widths: Sequence[int],
        order: int,
        cells: int,
        loss: Loss,
        rng: np.random.Generator,
    ) -> "Twin":
        """Returns a network of smooth random curves on `[-1, 1]`.

        Args:
            widths: Numbers of the input, of each hidden layer, of the answer.
            order: k of the splines.
            cells: G of their grids.
            loss: As of the class.
            rng: What draws.
        """
        layers = []
        for inputs, units in zip(widths[:-1], widths[1:], strict=True):
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
        return cls(layers, loss)

    def __call__(self, x: Array) -> Array:
        """Returns answers `(N, K)` for inputs `(N, D)`."""
        return self.values(x)[-1]

    def values(self, x: Array) -> list[Array]:
        """Returns the inputs of every layer, and the answer."""
        found = [x]
        for layer in self.layers:
            found.append(layer.curves(found[-1]).sum(axis=1))
        return found

    def refitted(self, x: Array, cells: int) -> "Twin":
        """Returns the same network on other grids, where its values lie."""
        values = self.values(x)[:-1]
        pairs = zip(self.layers, values, strict=True)
        return Twin([e.refitted(v, cells) for e, v in pairs], self.loss)

    @property
    def flat(self) -> Array:
        """All that is learned, as one vector."""
        return np.concatenate(
            [part.ravel() for e in self.layers for part in _parts(e)]
        )

    @flat.setter
    def flat(self, vector: Array) -> None:
        start = 0
        for edges in self.layers:
            for part in _parts(edges):
                end = start + part.size
                part[...] = vector[start:end].reshape(part.shape)
                start = end

    def measure(self, x: Array, y: Array) -> float:
        """Returns the loss of answers for `(N, D)` to targets `(N, K)`."""
        return loss_and_slope(self(x), y, self.loss)[0]


class Objective:
    """The loss of a network on its training part, to be made smaller.

    Args:
        twin: The network; each call leaves its weights in it.
        x: Inputs `(N, D)`.
        y: Targets `(N, K)`; of classes, one-hot.
    """

    def __init__(self, twin: Twin, x: Array, y: Array) -> None:
        self.twin, self.x, self.y = twin, x, y
        # The first layer's bases are those of the data: they never change.
        edges = twin.layers[0]
        first, values, slopes = edges.seen(x)
        self._known = first, slopes, edges.bases(first, values), silu(x)

    def __call__(self, flat: Array) -> tuple[float, Array]:
        """Returns the loss, and its gradient by every weight."""
        self.twin.flat = flat
        seen, x = [], self.x
        for number, edges in enumerate(self.twin.layers):
            if number:
                first, values, slopes = edges.seen(x)
                known = first, slopes, edges.bases(first, values), silu(x)
            else:
                known = self._known
            seen.append((x, *known))
            units = edges.base.shape[1]
            rows = known[2].reshape(len(x), -1)
            smooth = known[3]
            x = rows @ edges.coefficients.reshape(-1, units)
            x = x + smooth @ edges.base
        loss, slope = loss_and_slope(x, self.y, self.twin.loss)
        return loss, self._back(seen, slope)

    def _back(self, seen: list[Any], slope: Array) -> Array:
        """Returns the gradient, from that by the answer."""
        found: list[Array] = []
        for number in reversed(range(len(seen))):
            edges = self.twin.layers[number]
            x, first, slopes, bases, smooth = seen[number]
            rows = bases.reshape(len(x), -1)
            own = [(rows.T @ slope).ravel(), (smooth.T @ slope).ravel()]
            found = own + found
            if number:
                past = (slope @ edges.base.T) * silu_slope(x)
                slope = past + edges.back(first, slopes, slope)
        return np.concatenate(found)


def loss_and_slope(found: Array, y: Array, loss: Loss) -> tuple[float, Array]:
    """Returns a loss, and its gradient by the answers `(N, K)`."""
    if loss == "squared":
        error = found - y
        return float(np.mean(error**2)), 2 * error / error.size
    shifted = found - found.max(axis=1, keepdims=True)
    log = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    value = -np.sum(y * log) / len(y)
    return float(value), (np.exp(log) - y) / len(y)


def _parts(edges: Edges) -> tuple[Array, Array]:
    return edges.coefficients, edges.base
