"""Numbers in the cells of a text table, and how decimals are written."""

import re

_COMMA = re.compile(r"\s*[+-]?\d*,\d+(e[+-]?\d+)?\s*", re.IGNORECASE)
_POINT = re.compile(r"\s*[+-]?\d*\.\d+(e[+-]?\d+)?\s*", re.IGNORECASE)
_THOUSANDS = re.compile(r"\s*[+-]?[1-9]\d{0,2}(,\d{3})+\s*")


def to_number(cell: str, comma: bool = False) -> float | None:
    """Returns a cell as a number, or `None` if it is none.

    Args:
        cell: Its text.
        comma: Whether a comma stands before the decimals.
    """
    try:
        return float(cell.replace(",", ".") if comma else cell)
    except ValueError:
        return None


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


def _is_numeric(cell: str) -> bool:
    return bool(_COMMA.fullmatch(cell) or _THOUSANDS.fullmatch(cell))
