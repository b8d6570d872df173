"""A network of forms as one formula: text, LaTeX, Python."""

import keyword
import re
from collections.abc import Container, Sequence
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.formula import Formula
from kerasnotes.data.sets.expressions import CONSTANTS, FUNCTIONS
from kerasnotes.notes.kan.symbolic.network import FormNetwork
from kerasnotes.notes.kan.symbolic.numbers import decimal, nearest
from kerasnotes.notes.kan.symbolic.snapping import Written, allowed

LONG = 40
"""Operations from which on a formula is written as it is."""


def symbols_of(names: Sequence[str], x: Array) -> list[Any]:
    """Returns variables; those that are positive in the data are so.

    Args:
        names: Of columns. What is no name of a variable is made one.
        x: Their values, `(N, D)`.
    """
    import sympy

    taken: set[str] = set()
    found = []
    for place, name in enumerate(names):
        told = _variable(name or f"x{place + 1}", taken)
        taken.add(told)
        kind = "positive" if x[:, place].min() > 0 else "real"
        found.append(sympy.Symbol(told, **{kind: True}))
    return found


def _variable(name: str, taken: Container[str]) -> str:
    """Returns a name as programs have them, none of those that are taken."""
    known = {*keyword.kwlist, *CONSTANTS, *FUNCTIONS}
    told = re.sub(r"\W", "_", name, flags=re.ASCII)
    told = told if told[0].isalpha() else f"x_{told}"
    while told in known or told in taken:
        told += "_"
    return told


def expression(
    network: FormNetwork, written: Written, symbols: Sequence[Any]
) -> Any:
    """Returns the formula of a network with one answer, as sympy's.

    Args:
        network: It.
        written: Constants that are exact.
        symbols: Its variables.
    """
    import sympy

    given, number = list(symbols), 0
    for layer in network.layers:
        sums = [sympy.Integer(0)] * layer.units
        for term in layer.terms:
            i, o = term.place
            a, b, c, d = (
                written.get((number, which), decimal(float(value)))
                for which, value in enumerate(term.constants)
            )
            inner = b * given[i] + c
            told = sympy.sympify(
                term.form.text.format("inner_"), locals={"inner_": inner}
            )
            sums[o] = sums[o] + a * told + d
            number += 1
        plain = layer.units - 2 * layer.products
        pairs = zip(sums[plain::2], sums[plain + 1 :: 2], strict=True)
        given = sums[:plain] + [one * other for one, other in pairs]
    return given[0]


def shortest(
    whole: Any, symbols: Sequence[Any], x: Array, y: Array, rounding: float
) -> Any:
    """Returns the same formula, written shorter; numbers of it made short.

    Args:
        whole: sympy's expression.
        symbols: Its variables.
        x: Inputs `(N, D)`, by which numbers are judged.
        y: Targets `(N, 1)`.
        rounding: Their root mean square error of rounding.
    """
    import sympy

    opened = sympy.expand_log(whole, force=True)
    most = allowed(error_of(whole, symbols, x, y), len(x), rounding)
    best = whole
    for other in (opened, sympy.powsimp(opened)):
        # A logarithm that was opened may have lost values it had.
        right = error_of(other, symbols, x, y) <= most
        if right and other.count_ops() < best.count_ops():
            best = other
    best = _short_numbers(best, symbols, x, y, rounding)
    # With decimal numbers that takes minutes, and finds nothing.
    if best.count_ops() < LONG and not best.atoms(sympy.Float):
        other = sympy.simplify(best)
        best = min(best, other, key=lambda each: each.count_ops())
    return best


def _short_numbers(
    whole: Any, symbols: Sequence[Any], x: Array, y: Array, rounding: float
) -> Any:
    """Returns it with numbers that are nearly short ones replaced by those."""
    import sympy

    error = error_of(whole, symbols, x, y)
    for number in sorted(whole.atoms(sympy.Float), key=str):
        short = nearest(float(number))
        if short is None:
            continue
        other = whole.xreplace({number: short})
        reached = error_of(other, symbols, x, y)
        if reached <= allowed(error, len(x), rounding):
            whole, error = other, max(error, reached)
    return whole


def error_of(whole: Any, symbols: Sequence[Any], x: Array, y: Array) -> float:
    """Returns the root mean square error; infinite where there is no value."""
    import sympy

    ask = sympy.lambdify(list(symbols), whole, "numpy")
    with np.errstate(all="ignore"):
        found = np.broadcast_to(ask(*x.T), len(x))
        error = float(np.sqrt(np.mean((found - y[:, 0]) ** 2)))
    return error if np.isfinite(error) else float("inf")


def told(whole: Any, symbols: Sequence[Any], answer: str) -> Formula:
    """Returns the formula as people and programs read it.

    Args:
        whole: sympy's expression.
        symbols: Its variables, in the order of the columns.
        answer: What it gives.
    """
    import sympy
    from sympy.printing.numpy import NumPyPrinter

    # As our own reader calls them.
    short = {sympy.E: sympy.Symbol("e")}
    text = sympy.sstr(whole.xreplace(short), full_prec=False)
    text = text.replace("Abs(", "abs(")
    printer = NumPyPrinter({"fully_qualified_modules": False})
    code = printer.doprint(whole)
    needs = ", ".join(
        sorted({n for v in printer.module_imports.values() for n in v})
    )
    head = f"from numpy import {needs}\n\n\n" if needs else ""
    names = [symbol.name for symbol in symbols]
    function = _variable(answer or "f", names)
    return Formula(
        text,
        f"{sympy.latex(sympy.Symbol(answer))} = {sympy.latex(whole)}",
        f"{head}def {function}({', '.join(names)}):\n    return {code}\n",
        tuple(names),
    )
