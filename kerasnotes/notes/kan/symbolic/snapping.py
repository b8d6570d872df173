"""Constants as short as the data allow: 0, 1, a whole number, pi / 4.

One after another is fixed, and the others are refitted; it stays so if the
error does not grow by more than chance. What a formula can be written with in
many ways, a factor here or there, is settled by that too.
"""

import math
from typing import Any

from kerasnotes.base.types import Array
from kerasnotes.notes.kan.symbolic.network import FormNetwork, Term
from kerasnotes.notes.kan.symbolic.numbers import nearest

CHANCE = 16.0
"""By how many errors of one row the sum of squares may grow: a constant may be
four standard errors away. Short numbers are far likelier than others."""
ROOM = 3.0
"""How many times that of rounding an error may be that is no other: inputs are
rounded as well."""
STEPS = 40
ORDER = 3, 2, 1, 0
"""d, c, b, a: what is added is 0 before factors are 1."""

Written = dict[tuple[int, int], Any]
"""Exact numbers, by the term and the constant."""


def snap(network: FormNetwork, x: Array, y: Array, rounding: float) -> Written:
    """Fixes what can be; returns what was, as sympy writes it.

    Args:
        network: Fitted; is changed.
        x: Inputs in their own units `(N, D)`.
        y: Targets `(N, 1)`.
        rounding: Their root mean square error of rounding.
    """
    written: Written = {}
    error = network.error(x, y)
    for number in reversed(range(len(network.terms))):
        for which in ORDER:
            if not network.terms[number].free[which]:
                continue
            for exact in _trials(network.terms[number], which):
                most = allowed(error, len(x), rounding)
                reached = _tried(network, number, which, exact, x, y, most)
                if reached is not None:
                    error = max(error, reached)
                    written[number, which] = exact
                    break
    return written


def allowed(error: float, rows: int, rounding: float) -> float:
    """Returns how large an error may become by a shorter number."""
    return max(error * math.sqrt(1 + CHANCE / rows), ROOM * rounding)


def _trials(term: Term, which: int) -> list[Any]:
    """Returns numbers that a constant may be, the shortest first."""
    import sympy

    value = float(term.constants[which])
    found = [sympy.Integer(0)] if which > 1 else [sympy.Integer(1)]
    if which < 2 and value < 0:
        found = [sympy.Integer(-1), *found]
    if math.isfinite(value) and 0 < abs(round(value)) < 1e6:
        found.append(sympy.Integer(round(value)))
    near = nearest(value)
    if near is not None:
        found.append(near)
    return list(dict.fromkeys(found))


def _tried(
    network: FormNetwork,
    number: int,
    which: int,
    exact: Any,
    x: Array,
    y: Array,
    most: float,
) -> float | None:
    """Fixes one constant, if the error allows; returns the new error."""
    before = [term.constants.copy() for term in network.terms]
    term = network.terms[number]
    term.free[which], term.constants[which] = False, float(exact)
    reached = network.refit(x, y, STEPS)
    if reached <= most:
        return reached
    for each, constants in zip(network.terms, before, strict=True):
        each.constants = constants
    term.free[which] = True
    return None
