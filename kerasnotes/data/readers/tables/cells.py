"""Numbers in the cells of a text table, and how decimals are written."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_COMMA = re.compile(r"\s*[+-]?\d*,\d+(e[+-]?\d+)?\s*", re.IGNORECASE)
_POINT = re.compile(r"\s*[+-]?\d*\.\d+(e[+-]?\d+)?\s*", re.IGNORECASE)
_THOUSANDS = re.compile(r"\s*[+-]?[1-9]\d{0,2}(,\d{3})+\s*")
_DOTTED = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
_WHOLE = re.compile(r"[+-]?\d{1,3}")


def to_number(cell: str, comma: bool = False) -> float | None:
    """Returns a cell as a number, or `None` if it is none.

    Args:
        cell: Its text.
        comma: Whether a comma stands before the decimals.
    """
    if "_" in cell:
        return None  # to Python `1_2` is 12
    try:
        return float(cell.replace(",", ".") if comma else cell)
    except ValueError:
        return None


def to_numbers(name: str, comma: bool) -> "pl.Expr":
    """Returns a column of text as float64; null is what is no number.

    Args:
        name: The column.
        comma: Whether a comma stands before the decimals.
    """
    import polars as pl

    text = pl.col(name).str.strip_chars()
    if comma:
        text = text.str.replace(",", ".", literal=True)
    return text.cast(pl.Float64, strict=False)


def has_decimal_commas(cells: list[str]) -> bool:
    """Returns whether commas stand before the decimals of these cells."""
    found = [cell for cell in cells if _COMMA.fullmatch(cell)]
    return bool(found) and not any(_POINT.fullmatch(cell) for cell in cells)


def thousands(cells: list[str]) -> str | None:
    """Returns a number, if every comma could also part thousands: `1,234`."""
    found = [cell for cell in cells if "," in cell and _is_numeric(cell)]
    if all(_THOUSANDS.fullmatch(cell) for cell in found):
        return next(iter(found), None)
    return None


def dotted(cells: Sequence[str]) -> str | None:
    """Returns a number, if every point could part thousands: `900`, `1.201`.

    Decimals would rarely be three wherever there are any, with whole numbers
    beside them that are written without.
    """
    found = [cell.strip() for cell in cells if cell.strip()]
    pointed = [cell for cell in found if _DOTTED.fullmatch(cell)]
    whole = [cell for cell in found if _WHOLE.fullmatch(cell)]
    if whole and len(pointed) + len(whole) == len(found):
        return next(iter(pointed), None)
    return None


def _is_numeric(cell: str) -> bool:
    return bool(_COMMA.fullmatch(cell) or _THOUSANDS.fullmatch(cell))
