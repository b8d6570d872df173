"""The language that samplers are written in: one row a network call.

Between two calls of the network, every sampler of this package does the
same thing: it replaces a few tensors by weighted sums of them. Only the
weights differ, and they depend on the noise levels alone. So a sampler is a
generator of rows, plain Python over symbols, run once in float64 before
anything is compiled:

    for sigma, down in pairwise(sigmas):                    # Euler
        yield Row(sigma, x=X + (down - sigma) * slope(sigma))

`X` is the point at which the network was asked at `sigma`, `DENOISED` what
it answered, and the row says what the next point is. Branches (the last
step, whose level is 0) and infinities stay in Python; what is left is a
table of finite numbers, and one compiled loop runs any of them.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
Levels = Sequence[float]
"""Noise levels, falling, all above 0 but perhaps the last."""

REGISTERS = ("x", "start", "past1", "past2", "past3")
"""Tensors that live from one network call to the next."""

COLUMNS = (*REGISTERS, "denoised", "noise")
"""What a new register may be summed from."""


class Sum:
    """A weighted sum of the columns; supports `+`, `-`, `*` and `/`.

    Args:
        weights: Array `(7,)`, float64, one for each of `COLUMNS`.
    """

    # Keeps NumPy's scalars from multiplying it element by element.
    __array_ufunc__ = None

    def __init__(self, weights: Array) -> None:
        self.weights = weights

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.weights + other.weights)

    def __sub__(self, other: "Sum") -> "Sum":
        return Sum(self.weights - other.weights)

    def __mul__(self, factor: float) -> "Sum":
        return Sum(self.weights * float(factor))

    __rmul__ = __mul__

    def __truediv__(self, divisor: float) -> "Sum":
        return Sum(self.weights / float(divisor))


def _column(name: str) -> Sum:
    return Sum(np.eye(len(COLUMNS))[COLUMNS.index(name)])


X = _column("x")
START = _column("start")
PAST = tuple(_column(f"past{number}") for number in (1, 2, 3))
DENOISED = _column("denoised")
NOISE = _column("noise")


@dataclasses.dataclass(frozen=True)
class Row:
    """What follows one call of the network.

    Args:
        sigma: Noise level at which the network is asked, above 0.
        x: The next point.
        start: What to remember as `START`; `None` keeps the old one.
        keep: Pushed onto `PAST`, one after the other; the last one becomes
            `PAST[0]`.
        ends_step: Whether `x` is at the sampler's next level; false within
            a step of several calls.
    """

    sigma: float
    x: Sum
    start: Sum | None = None
    keep: tuple[Sum, ...] = ()
    ends_step: bool = True

    def matrix(self) -> Array:
        """Returns the weights of the new registers, `(5, 7)`."""
        past = [*reversed(self.keep), *PAST][: len(PAST)]
        sums = [self.x, self.start or START, *past]
        return np.stack([each.weights for each in sums])


def slope(sigma: float) -> Sum:
    """Returns `d = (x - denoised) / sigma`: dx / dsigma, and the noise.

    The derivative of the probability-flow ODE in `x = x_start + sigma n`;
    also what the network takes for the noise in `x`.

    Reference:
        Karras et al., 2022, eq. (1), (3). https://arxiv.org/abs/2206.00364
    """
    return (X - DENOISED) / sigma
