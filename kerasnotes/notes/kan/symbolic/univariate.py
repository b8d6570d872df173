"""The best constants of a form for a curve: a search, then least squares.

Reference:
    Liu et al., 2024, KAN, section 2.5.1 (affine parameters by a grid of b and
    c, then linear regression). https://arxiv.org/abs/2404.19756
"""

import dataclasses
import math

import numpy as np
from scipy.optimize import least_squares

from kerasnotes.base.types import Array
from kerasnotes.notes.kan.symbolic.forms import Form

RATES = np.concatenate([-np.geomspace(10, 0.1, 25), np.geomspace(0.1, 10, 25)])
"""b, per half the range of the input."""
SHIFTS = np.linspace(-6.5, 6.5, 53)
ENDS = 1 + np.geomspace(1e-4, 30, 50)
"""c, where the inside is to stay positive: `+-u + c`, u from -1 to 1."""
GREATEST = 1e100
"""What a form gives may not be larger."""
FLAT = 1e-30


@dataclasses.dataclass(frozen=True)
class Fit:
    """How near a form comes to a curve.

    Args:
        form: It.
        constants: a, b, c and d.
        missed: `1 - R^2`.
    """

    form: Form
    constants: Array
    missed: float


def fit(form: Form, x: Array, y: Array) -> Fit | None:
    """Returns the best `a f(b x + c) + d`, or `None` if there is none.

    Args:
        form: f.
        x: Points `(N,)`.
        y: The curve there.
    """
    middle, half = _span(x)
    u = (x - middle) / half
    b, c = _trials(form.kind)
    with np.errstate(all="ignore"):
        values = form.apply(b[:, None] * u + c[:, None])
        good = np.isfinite(values).all(axis=1)
        good &= np.abs(values).max(axis=1, initial=0.0) < GREATEST
        if not good.any():
            return None
        missed = np.where(
            good, _missed(np.where(good[:, None], values, 0), y), 2
        )
        best = int(np.argmin(missed))
        start = np.array([b[best], c[best]])
        found = _polish(form, u, y, start)
        _, rate, shift, _ = found
        rate, shift = _usual(form, rate / half, shift - rate * middle / half)
        said = form.apply(rate * x + shift)
    if not np.isfinite(said).all():
        return None
    a, d = _linear(said, y)
    lost = float(np.mean((y - a * said - d) ** 2) / max(float(y.var()), FLAT))
    return Fit(form, np.array([a, rate, shift, d]), lost)


def _usual(form: Form, b: float, c: float) -> tuple[float, float]:
    """Returns b and c without what a and d can say in their place."""
    if form.kind == "rate":
        return b, 0.0
    if form.kind == "line":
        return 1.0, 0.0
    if not form.has_rate:
        return math.copysign(1.0, b), c / abs(b)
    return b, c


def _span(x: Array) -> tuple[float, float]:
    low, high = float(x.min()), float(x.max())
    return (low + high) / 2, max((high - low) / 2, 1e-300)


def _trials(kind: str) -> tuple[Array, Array]:
    """Returns pairs of b and c to begin at."""
    one = np.ones(1)
    if kind == "line":
        return one, 0 * one
    if kind == "shift":
        return np.ones_like(SHIFTS), SHIFTS
    if kind == "rate":
        return RATES, np.zeros_like(RATES)
    if kind == "end":
        sides = np.repeat([1.0, -1.0], len(ENDS))
        return sides, np.tile(ENDS, 2)
    rates = RATES[len(RATES) // 2 :]
    shifts = SHIFTS
    if kind == "inside":
        rates, shifts = rates[rates <= 1], np.linspace(-0.9, 0.9, 37)
    b, c = np.meshgrid(rates, shifts)
    return b.ravel(), c.ravel()


def _missed(values: Array, y: Array) -> Array:
    """Returns `1 - R^2` of the best `a v + d`, a row each."""
    centred = values - values.mean(axis=1, keepdims=True)
    target = y - y.mean()
    power = (centred**2).sum(axis=1)
    total = max(float(target @ target), FLAT)
    part = (centred @ target) ** 2 / np.maximum(power, FLAT)
    found: Array = 1 - part / total
    return found


def _linear(values: Array, y: Array) -> tuple[float, float]:
    centred = values - values.mean()
    a = float(centred @ (y - y.mean())) / max(float(centred @ centred), FLAT)
    return a, float(y.mean() - a * values.mean())


def _polish(form: Form, u: Array, y: Array, start: Array) -> Array:
    """Returns a, b, c and d, improved together."""
    b, c = start
    a, d = _linear(form.apply(b * u + c), y)
    full = np.array([a, b, c, d])
    free = np.array([True, form.has_rate, form.has_shift, True])
    if form.kind == "line":
        return full

    def errors(part: Array) -> Array:
        full[free] = part
        a, b, c, d = full
        found = a * form.apply(b * u + c) + d - y
        return np.where(np.isfinite(found), found, 1e6)

    def slopes(part: Array) -> Array:
        full[free] = part
        a, b, c, _ = full
        inner = b * u + c
        by_inner = a * form.slope(inner)
        columns = [form.apply(inner), by_inner * u, by_inner, np.ones_like(u)]
        found = np.stack(columns, axis=1)[:, free]
        return np.where(np.isfinite(found), found, 0.0)

    before = full.copy()
    worst = float(np.sum(errors(full[free].copy()) ** 2))
    found = least_squares(
        errors, before[free], jac=slopes, method="lm", max_nfev=60,
        xtol=1e-14, ftol=1e-14, gtol=1e-14,
    )  # fmt: skip
    if 2 * found.cost > worst:
        return before
    before[free] = found.x
    return before
