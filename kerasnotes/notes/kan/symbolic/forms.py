"""Functions that an edge may turn out to be: the library of the search.

Each is fitted as `a f(b x + c) + d`. A form names which of `b` and `c` say
something that `a` and `d` do not: of `exp` the shift is a factor, of `log` the
factor is a shift.
"""

import dataclasses
from collections.abc import Callable
from typing import Literal

import numpy as np

from kerasnotes.base.types import Array

Apply = Callable[[Array], Array]
Kind = Literal["line", "shift", "rate", "both", "end", "inside"]
"""Where `b` and `c` are looked for: nowhere; only c; only b; both; `b = +-1`
and what is inside positive; both, and what is inside between -1 and 1."""


@dataclasses.dataclass(frozen=True)
class Form:
    """One function.

    Args:
        name: As it is called.
        text: It of `{}`, as sympy reads it.
        apply: It, of an array.
        slope: Its derivative.
        price: How complicated it is: 1 is a line.
        kind: Where `b` and `c` are looked for.
    """

    name: str
    text: str
    apply: Apply
    slope: Apply
    price: float
    kind: Kind

    @property
    def has_rate(self) -> bool:
        """Whether `b` is a constant of its own."""
        return self.kind in ("rate", "both", "inside")

    @property
    def has_shift(self) -> bool:
        """Whether `c` is one."""
        return self.kind in ("shift", "both", "inside", "end")


def _power(exponent: float, name: str, price: float, kind: Kind) -> Form:
    return Form(
        name,
        f"({{}})**({name.partition('^')[2]})" if "^" in name else name,
        lambda x: x**exponent,
        lambda x: exponent * x ** (exponent - 1),
        price,
        kind,
    )


FORMS = {
    form.name: form
    for form in (
        Form("x", "{}", lambda x: x, np.ones_like, 1, "line"),
        _power(2.0, "x^2", 2, "shift"),
        _power(3.0, "x^3", 3, "shift"),
        _power(4.0, "x^4", 3, "shift"),
        Form("1/x", "1/({})", lambda x: 1 / x, lambda x: -1 / x**2, 2, "end"),
        Form(
            "1/x^2",
            "1/({})**2",
            lambda x: 1 / x**2,
            lambda x: -2 / x**3,
            3,
            "end",
        ),
        Form("sqrt", "sqrt({})", np.sqrt, lambda x: 0.5 / np.sqrt(x), 2, "end"),
        Form("log", "log({})", np.log, lambda x: 1 / x, 2, "end"),
        Form("exp", "exp({})", np.exp, np.exp, 2, "rate"),
        Form("sin", "sin({})", np.sin, np.cos, 3, "both"),
        Form(
            "tan",
            "tan({})",
            np.tan,
            lambda x: 1 + np.tan(x) ** 2,
            4,
            "both",
        ),
        Form(
            "tanh",
            "tanh({})",
            np.tanh,
            lambda x: 1 - np.tanh(x) ** 2,
            4,
            "both",
        ),
        Form(
            "gaussian",
            "exp(-({})**2)",
            lambda x: np.exp(-(x**2)),
            lambda x: -2 * x * np.exp(-(x**2)),
            3,
            "both",
        ),
        Form(
            "asin",
            "asin({})",
            np.arcsin,
            lambda x: 1 / np.sqrt(1 - x**2),
            4,
            "inside",
        ),
        Form(
            "atan", "atan({})", np.arctan, lambda x: 1 / (1 + x**2), 4, "both"
        ),
        Form("abs", "Abs({})", np.abs, np.sign, 3, "shift"),
    )
}
NAMES = ("0", *FORMS)
"""As `fix` takes them; 0 is none: the edge is cut."""
