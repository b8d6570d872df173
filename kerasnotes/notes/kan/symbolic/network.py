"""A network whose edges are forms with constants: its values, its refit."""

import copy
import dataclasses
from collections.abc import Sequence

import numpy as np
from scipy.optimize import least_squares

from kerasnotes.base.types import Array
from kerasnotes.notes.kan.nodes import joined, joined_slope
from kerasnotes.notes.kan.symbolic.forms import Form

AWAY = 1e6
"""Error of a row for which there is no value, in deviations; the largest."""
STEEPEST = 1e12
"""The largest slope: squares of larger ones are no numbers."""


@dataclasses.dataclass
class Term:
    """What one edge adds: `a f(b x + c) + d`.

    Args:
        form: f.
        place: Its input and its unit.
        constants: a, b, c and d.
        free: Which of them may be moved.
    """

    form: Form
    place: tuple[int, int]
    constants: Array
    free: Array

    @classmethod
    def of(
        cls, form: Form, place: tuple[int, int], constants: Array, first: bool
    ) -> "Term":
        """Returns a term; of those of a unit only the first has a free d."""
        free = np.array([True, form.has_rate, form.has_shift, first])
        return cls(form, place, constants.copy(), free)


@dataclasses.dataclass
class Layer:
    """One layer: its terms, and how many sums and products it gives."""

    terms: list[Term]
    units: int
    products: int


class FormNetwork:
    """Layers of terms, one after another.

    Args:
        layers: From the input to the answer.
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = list(layers)

    @property
    def terms(self) -> list[Term]:
        """All of them, in order."""
        return [term for layer in self.layers for term in layer.terms]

    @property
    def price(self) -> float:
        """What its forms cost together."""
        return sum(term.form.price for term in self.terms)

    @property
    def constants(self) -> Array:
        """Those that may be moved."""
        parts = [term.constants[term.free] for term in self.terms]
        return np.concatenate(parts)

    @constants.setter
    def constants(self, values: Array) -> None:
        start = 0
        for term in self.terms:
            end = start + int(term.free.sum())
            term.constants[term.free] = values[start:end]
            start = end

    def __call__(self, x: Array) -> Array:
        """Returns the answer `(N, K)` for `(N, D)`."""
        with np.errstate(all="ignore"):
            for layer in self.layers:
                x = joined(_sums(layer, x), layer.products)
        return x

    def copy(self) -> "FormNetwork":
        """Returns one with constants of its own."""
        return copy.deepcopy(self)

    def error(self, x: Array, y: Array) -> float:
        """Returns the root mean square error; infinite without values."""
        with np.errstate(all="ignore"):
            found = float(np.sqrt(np.mean((self(x) - y) ** 2)))
        return found if np.isfinite(found) else np.inf

    def jacobian(self, x: Array) -> Array:
        """Returns derivatives of the single answer, `(N, P)`."""
        with np.errstate(all="ignore"):
            given, sums = [], []
            for layer in self.layers:
                given.append(x)
                sums.append(_sums(layer, x))
                x = joined(sums[-1], layer.products)
            slope = np.ones((len(x), 1))
            found: list[Array] = []
            for level in reversed(range(len(self.layers))):
                layer = self.layers[level]
                if level < len(self.layers) - 1:
                    slope = joined_slope(sums[level], layer.products, slope)
                own, slope = _back(layer, given[level], slope)
                found = own + found
        return np.concatenate(found, axis=1)

    def refit(self, x: Array, y: Array, most: int = 100) -> float:
        """Moves all free constants to the least squares; returns the RMSE."""
        scale = float(y.std()) or 1.0
        start = self.constants
        before = self.error(x, y)
        if not len(start):
            return before

        def errors(values: Array) -> Array:
            self.constants = values
            with np.errstate(all="ignore"):
                found = ((self(x) - y) / scale)[:, 0]
            found = np.where(np.isfinite(found), found, AWAY)
            return np.clip(found, -AWAY, AWAY)

        def slopes(values: Array) -> Array:
            self.constants = values
            with np.errstate(all="ignore"):
                found = self.jacobian(x) / scale
            found = np.where(np.isfinite(found), found, 0.0)
            return np.clip(found, -STEEPEST, STEEPEST)

        found = least_squares(
            errors, start, jac=slopes, method="lm", max_nfev=most,
            xtol=1e-15, ftol=1e-15, gtol=1e-15, x_scale="jac",
        )  # fmt: skip
        self.constants = found.x
        after = self.error(x, y)
        if not after <= before:
            self.constants = start
            return before
        return after


def _sums(layer: Layer, x: Array) -> Array:
    total = np.zeros((len(x), layer.units))
    for term in layer.terms:
        (i, o), (a, b, c, d) = term.place, term.constants
        total[:, o] += a * term.form.apply(b * x[:, i] + c) + d
    return total


def _back(layer: Layer, x: Array, slope: Array) -> tuple[list[Array], Array]:
    """Returns derivatives by a layer's constants, and by what it was given."""
    found, past = [], np.zeros(x.shape)
    for term in layer.terms:
        (i, o), (a, b, c, _) = term.place, term.constants
        inner = b * x[:, i] + c
        by_inner = a * term.form.slope(inner)
        columns = [
            term.form.apply(inner),
            by_inner * x[:, i],
            by_inner,
            np.ones(len(x)),
        ]
        own = np.stack(columns, axis=1) * slope[:, o : o + 1]
        found.append(own[:, term.free])
        past[:, i] += by_inner * b * slope[:, o]
    return found, past
