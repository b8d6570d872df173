"""Tables of JSON, an object a line: `.jsonl` and `.ndjson`."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasnotes.base.errors import DataError
from kerasnotes.base.spelling import composed
from kerasnotes.data.text import encoding

if TYPE_CHECKING:
    import polars as pl

SUFFIXES = (".jsonl", ".ndjson")
_CONSTANTS = {"Infinity": math.inf, "-Infinity": -math.inf}
"""`NaN` is missing."""


def read(path: Path, named: str | None = None) -> "pl.DataFrame":
    """Reads a file whole; a key that a line lacks is null there.

    Args:
        path: The file.
        named: Its encoding; found out if left out.

    Raises:
        DataError: If a line is no object of plain values.
    """
    import polars as pl

    rows = list(_objects(path, named or encoding.detect(path)))
    if not rows:
        raise DataError(
            f"{path} holds no line.",
            expected='an object a line: {"text": "...", "label": "..."}',
        )
    keys = list(dict.fromkeys(key for row in rows for key in row))
    names = [composed(_text(key)) for key in keys]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise DataError(
            f"Two keys of {path} are one name.",
            expected="a name of its own for every key, in Unicode's form NFC",
            received=twice,
        )
    columns = [[row.get(key) for row in rows] for key in keys]
    return pl.DataFrame(list(map(_column, names, columns)))


def _objects(path: Path, named: str) -> Any:
    with encoding.open_text(path, named) as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                found = json.loads(line, parse_constant=_CONSTANTS.get)
            except RecursionError:
                raise _refuse(path, number, "nested too deeply") from None
            except ValueError as error:
                raise _refuse(path, number, str(error)) from None
            if not isinstance(found, dict):
                raise _refuse(path, number, type(found).__name__)
            yield found


def _column(name: str, values: list[Any]) -> "pl.Series":
    """Returns numbers and truths as they are, all else as text."""
    import polars as pl

    present = [value for value in values if value is not None]
    kinds = {type(value) for value in present}
    if kinds == {bool}:
        return pl.Series(name, values, pl.Boolean)
    if kinds == {int}:
        # As floats, codes of twenty digits would be merged.
        large = any(abs(value) >= 2**63 for value in present)
        if not large:
            return pl.Series(name, values, pl.Int64)
    elif kinds and kinds <= {int, float}:
        numbers = [None if v is None else float(v) for v in values]
        return pl.Series(name, numbers, pl.Float64)
    texts = [None if v is None else _text(v) for v in values]
    return pl.Series(name, texts, pl.String)


def _text(value: Any) -> str:
    if isinstance(value, str):
        # Halves of a pair, `\\ud83d` alone, are no text that polars holds.
        return value.encode("utf-8", "replace").decode()
    return json.dumps(value, ensure_ascii=False)


def _refuse(path: Path, line: int, received: str) -> DataError:
    return DataError(
        f"Line {line} of {path} is no JSON object.",
        expected='an object a line: {"text": "...", "label": "..."}',
        received=received,
    )
