"""Many interval networks of one form at once, in NumPy and double precision.

The same arithmetic as `layers/interval/arithmetic.py`, by the corners of every
product, so that a search takes the same way on every backend.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from keras import ops
from scipy.special import expit

from kerasnotes.base.types import Array
from kerasnotes.layers.interval.interval_weights import STEEP

ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805
"""Of `selu`."""
NUMPY: dict[str, Callable[[Array], Array]] = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "selu": lambda x: (
        SCALE * np.where(x > 0, x, ALPHA * np.expm1(np.minimum(x, 0)))
    ),
    "softplus": lambda x: np.logaddexp(x, 0),
    "sigmoid": expit,
    "tanh": np.tanh,
    "linear": lambda x: x,
}
Ends = tuple[Array, Array]


@dataclasses.dataclass
class Layer:
    """A dense layer's weights: middles, and `a` of reaches `softplus(4 a)`.

    Args:
        name: Of the layer.
        middles: Arrays `(D, U)` and, if there is a bias, `(U,)`.
        reaches: As many.
    """

    name: str
    middles: list[Array]
    reaches: list[Array]

    @classmethod
    def of(cls, layer: Any) -> Self:
        """Returns the weights of an `IntervalDense`; each reach the mean."""
        offsets = [_array(each) for each in layer.offsets]
        pairs = zip(offsets[::2], offsets[1::2], strict=True)
        return cls(
            layer.name,
            [_array(value) for value in layer.values],
            [(below + above) / 2 for below, above in pairs],
        )

    def write(self, layer: Any) -> None:
        """Sets the weights of an `IntervalDense`."""
        for value, middle in zip(layer.values, self.middles, strict=True):
            value.assign(middle.astype("float32"))
        offsets = [reach for reach in self.reaches for _ in ("below", "above")]
        for weight, offset in zip(layer.offsets, offsets, strict=True):
            weight.assign(offset.astype("float32"))


class Population:
    """Networks `(S,)` of the same layers, each told by a row of genes.

    Args:
        layers: Hidden ones in order; `deep` and `wide`, or the last.
        activation: After each hidden layer.
    """

    def __init__(self, layers: Sequence[Layer], activation: str) -> None:
        self.layers, self.function = list(layers), NUMPY[activation]

    def _parts(self) -> list[Array]:
        return [
            part for each in self.layers for part in each.middles + each.reaches
        ]

    def genes(self) -> Array:
        """Returns all middles and reaches as one vector, `(P,)`."""
        return np.concatenate([part.ravel() for part in self._parts()])

    def are_reaches(self) -> Array:
        """Returns 1 where a gene is a reach, 0 where it is a middle."""
        return np.concatenate(
            [
                np.full(part.size, kind)
                for each in self.layers
                for kind, parts in ((0.0, each.middles), (1.0, each.reaches))
                for part in parts
            ]
        )

    def put(self, genes: Array) -> None:
        """Sets the layers to genes `(P,)`."""
        for layer, (middles, reaches) in zip(
            self.layers, self._cut(genes[None]), strict=True
        ):
            layer.middles = [each[0] for each in middles]
            layer.reaches = [each[0] for each in reaches]

    def ends(self, genes: Array, row: Array) -> Ends:
        """Returns the ends of all answers, `(S, N, K)` each, standardized.

        Args:
            genes: Array `(S, P)`.
            row: What the first layer is given, `(N, D)`.
        """
        low = high = np.broadcast_to(row, (len(genes), *row.shape))
        given, last = (low, high), []
        for layer, parts in zip(self.layers, self._cut(genes), strict=True):
            if layer.name in ("standardized", "deep"):
                last.append(_dense((low, high), *parts))
            elif layer.name == "wide":
                last.append(_dense(given, *parts))
            else:
                low, high = map(self.function, _dense((low, high), *parts))
        downs, ups = zip(*last, strict=True)
        return sum(downs), sum(ups)

    def _cut(self, genes: Array) -> list[tuple[list[Array], list[Array]]]:
        found, place = [], 0
        for layer in self.layers:
            own = []
            for part in layer.middles + layer.reaches:
                flat = genes[:, place : place + part.size]
                own.append(flat.reshape(-1, *part.shape))
                place += part.size
            half = len(layer.middles)
            found.append((own[:half], own[half:]))
        return found


def _array(variable: Any) -> Array:
    return np.asarray(ops.convert_to_numpy(variable), "float64")


def _dense(x: Ends, middles: list[Array], reaches: list[Array]) -> Ends:
    """Returns the range of `x W + b`, of each member its own weights."""
    low, high = x
    reach = [np.logaddexp(0, STEEP * each) for each in reaches]
    if low is high:
        middle = low @ middles[0]
        around = np.abs(low) @ reach[0]
        down, up = middle - around, middle + around
    else:
        down, up = _corners(x, middles[0] - reach[0], middles[0] + reach[0])
    if len(middles) > 1:
        down = down + (middles[1] - reach[1])[:, None]
        up = up + (middles[1] + reach[1])[:, None]
    return down, up


def _corners(x: Ends, below: Array, above: Array) -> Ends:
    down = up = np.zeros(())
    for place in range(below.shape[1]):
        products = [
            end[..., place, None] * weight[:, None, place]
            for end in x
            for weight in (below, above)
        ]
        down = down + np.minimum.reduce(products)
        up = up + np.maximum.reduce(products)
    return down, up
