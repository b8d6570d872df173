"""Formulae as text, read without being run: `exp(sin(pi*x) + y**2)`.

Python's parser makes a tree of the text, and of that tree only numbers,
names, sums, products, powers and the functions listed here are walked. There
is no `eval`, no attribute, no index, no text: what is not known is refused.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Array

LONGEST = 500
"""Characters of a formula."""
MOST_PARTS = 200
"""Numbers, names and operations of a formula."""
DEEPEST = 50
"""Parts within parts."""

CONSTANTS = {"pi": math.pi, "e": math.e}
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "abs": np.abs,
}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


class Expression:
    """A formula that was read.

    Args:
        text: It.

    Attributes:
        names: Its variables, in the order in which they appear.

    Raises:
        UsageError: If it is no formula of what is known, or too long.
    """

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        if len(self.text) > LONGEST:
            raise _refuse(f"{len(self.text)} characters", self.text[:40])
        self._root = _parse(self.text)
        self.names: list[str] = []
        self._parts = 0
        self._check(self._root, 0)

    def __call__(self, values: Mapping[str, Array]) -> Array:
        """Returns it for values of its variables, float64.

        Args:
            values: Arrays of one shape, by name. What has no value there,
                as a logarithm of -1, is `nan` or infinite.
        """
        arrays = {k: np.asarray(v, "float64") for k, v in values.items()}
        with np.errstate(all="ignore"):
            return np.asarray(_evaluate(self._root, arrays))

    def _check(self, node: ast.expr, depth: int) -> None:
        """Raises if a part is not known; collects the variables."""
        self._parts += 1
        if self._parts > MOST_PARTS or depth > DEEPEST:
            raise _refuse("too many parts", self.text)
        for child in self._children(node):
            self._check(child, depth + 1)

    def _children(self, node: ast.expr) -> list[ast.expr]:
        match node:
            case ast.Constant(value=value) if type(value) in (int, float):
                return []
            case ast.Name(id=name):
                if name in FUNCTIONS:
                    raise _refuse(f"`{name}` without brackets", self.text)
                if name not in CONSTANTS and name not in self.names:
                    self.names.append(name)
                return []
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=inner):
                return [inner]
            case ast.BinOp(op=op) if type(op) in _BINARY:
                return [node.left, node.right]
            case ast.Call(func=ast.Name(id=name), args=[inner], keywords=[]):
                if name in FUNCTIONS and not isinstance(inner, ast.Starred):
                    return [inner]
        raise _refuse(f"`{ast.unparse(node)}`", self.text)


def _parse(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise _refuse("what is no formula", text) from None


def _refuse(what: str, text: str) -> UsageError:
    power = " A power is x**2." if "^" in text else ""
    return UsageError(
        f"This formula holds {what}.{power}",
        expected="numbers, names, + - * / ** ( ), "
        f"{', '.join(CONSTANTS)}, {', '.join(FUNCTIONS)}; "
        f"{LONGEST} characters and {MOST_PARTS} parts at most",
        received=ascii(text),
        hint='formula:"exp(sin(pi*x)+y**2)"',
    )


def _evaluate(node: ast.expr, values: Mapping[str, Array]) -> Any:
    match node:
        case ast.Constant(value=int() | float() as number):
            # No whole numbers of Python's: 9**9**9 would never end.
            return np.float64(_as_float(number))
        case ast.Name(id=name):
            return values[name] if name in values else CONSTANTS[name]
        case ast.UnaryOp(op=op, operand=inner):
            value = _evaluate(inner, values)
            return -value if isinstance(op, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            pair = _evaluate(left, values), _evaluate(right, values)
            return _BINARY[type(op)](*map(np.float64, pair))
        case ast.Call(func=ast.Name(id=name), args=[inner]):
            return FUNCTIONS[name](_evaluate(inner, values))
    raise TypeError(ast.dump(node))


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf
