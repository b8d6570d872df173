"""Numbers that formulae are written with: 2, 1/3, pi/4, 1/sqrt(2 pi)."""

import functools
import math
from typing import Any

NEAR = 1e-5
"""How far a number may be from one that is written short, relative, to be tried
as that; whether it is, the data say."""
DENOMINATORS = 12
NUMERATORS = 20


@functools.cache
def short_numbers() -> list[tuple[float, Any]]:
    """Returns positive numbers and the same as sympy writes them, by size.

    Fractions, times a power of pi or a root, the simplest first among equals.
    """
    import sympy

    factors = [
        (sympy.Integer(1), 0),
        (sympy.pi, 1),
        (1 / sympy.pi, 1),
        (sympy.sqrt(2), 2),
        (sympy.sqrt(sympy.pi), 2),
        (1 / sympy.sqrt(sympy.pi), 2),
        (sympy.sqrt(2 / sympy.pi), 2),
        (sympy.sqrt(2 * sympy.pi), 2),
        (sympy.pi**2, 2),
        (1 / sympy.pi**2, 2),
        (sympy.sqrt(3), 2),
    ]
    found: dict[float, tuple[int, Any]] = {}
    for factor, effort in factors:
        for q in range(1, DENOMINATORS + 1):
            for p in range(1, NUMERATORS + 1):
                if math.gcd(p, q) > 1:
                    continue
                exact = sympy.Rational(p, q) * factor
                place = round(float(exact), 12)
                price = effort * 20 + p + q
                if place not in found or price < found[place][0]:
                    found[place] = price, exact
    return sorted((float(exact), exact) for _, exact in found.values())


def nearest(value: float) -> Any | None:
    """Returns the short number that a value is nearly, or `None`."""
    import sympy

    if value == 0:
        return sympy.Integer(0)
    whole = round(value)
    if whole and abs(value - whole) <= NEAR * abs(value) and abs(whole) < 1e6:
        return sympy.Integer(whole)
    size, sign = abs(value), 1 if value > 0 else -1
    near = min(short_numbers(), key=lambda pair: abs(pair[0] - size))
    if abs(near[0] - size) <= NEAR * size:
        return sign * near[1]
    return None


def decimal(value: float) -> Any:
    """Returns a number as short as its double precision can be written."""
    import sympy

    if value == round(value) and abs(value) < 1e6:
        return sympy.Integer(round(value))
    return sympy.Float(repr(value), 17)
