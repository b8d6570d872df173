"""What a point sees of B-splines on evenly spaced knots, in closed form.

On knots that are one apart, basis j of order k is the same bump, moved: a
point in cell i, at the fraction f of it, sees the k + 1 bases i ... i + k,
whose values are polynomials of f alone:

    w_0^0 = 1,   w_m^d = ((f + d - m) w_{m-1}^{d-1} + (m + 1 - f) w_m^{d-1}) / d

Every term is positive: nothing cancels, whatever the precision. The slope is
a difference of one order less, `w_{m-1}^{k-1} - w_m^{k-1}`.

Reference:
    de Boor, 1978, A Practical Guide to Splines, chapter IX and X.
"""

from typing import Any


def pieces(f: Any, order: int) -> tuple[list[Any], list[Any]]:
    """Returns the values of the bases that a point sees, and their slopes.

    Args:
        f: Which part of its cell lies before the point, 0 to 1: a number, an
            array or a tensor of any shape.
        order: k, at least 1.

    Returns:
        `k + 1` values of the shape of `f`, which add up to 1; as many slopes,
        per cell, which add up to 0.
    """
    lower = [f * 0 + 1]
    for d in range(1, order):
        lower = _raised(lower, f, d)
    slopes = [-lower[0]]
    slopes += [lower[m - 1] - lower[m] for m in range(1, order)]
    slopes.append(lower[-1])
    return _raised(lower, f, order), slopes


def _raised(lower: list[Any], f: Any, d: int) -> list[Any]:
    """Returns the values of order `d` from those of one less."""
    part = 1.0 / d
    found = [lower[0] * ((1 - f) * part)]
    for m in range(1, d):
        rising, falling = (f + (d - m)) * part, (m + 1 - f) * part
        found.append(lower[m - 1] * rising + lower[m] * falling)
    found.append(lower[-1] * (f * part))
    return found
