"""Rows of a table that a model is asked about: what no training showed.

A number that is missing is refused, as `kn predict` refuses it: no model of a
table was trained on NaN, and it would answer with NaN. A category that is
unknown is answered for, as training taught it, and told.
"""

import dataclasses
import math
import weakref
from collections.abc import Iterator
from itertools import islice
from urllib.parse import quote

import numpy as np

from kerasnotes.data.fields import Field
from kerasnotes.data.meaning.categories import spellings, to_text
from kerasnotes.export.categories import NUMBERS, TEXTS
from kerasnotes.serving.engine.described_data import read_spec
from kerasnotes.serving.engine.errors import invalid
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import Tensors

TOLD = 10
"""Unknown categories named to a client."""
LONGEST = 40
"""Characters of a column, and of a category, that are told."""


@dataclasses.dataclass(frozen=True)
class Table:
    """The columns of a model of a table, as signatures part them.

    Args:
        field: All of them.
        numeric: The names of those that hold numbers.
        known: Of each other column, how its categories may be written.
    """

    field: Field
    numeric: tuple[str, ...]
    known: dict[str, frozenset[str]]


_TABLES: "weakref.WeakKeyDictionary[Servable, Table | None]" = (
    weakref.WeakKeyDictionary()
)


def find_table(servable: Servable) -> Table | None:
    """Returns the table that a model takes rows of, if it is such a model."""
    if servable not in _TABLES:
        spec = read_spec(servable.card)
        found = spec is not None and spec.input.kind == "table"
        _TABLES[servable] = _table(spec.input) if spec and found else None
    return _TABLES[servable]


def _table(field: Field) -> Table:
    return Table(
        field,
        tuple(c.name for c in field.columns if not c.categories),
        {
            c.name: frozenset(spellings(c.categories))
            for c in field.columns
            if c.categories
        },
    )


def check_numbers(servable: Servable, tensors: Tensors) -> None:
    """Refuses rows in which a number is NaN or infinite.

    Args:
        servable: The version that is asked.
        tensors: From the request; of another form they are left to others.

    Raises:
        ServingError: Names the first row and its column.
    """
    x = tensors.get(NUMBERS)
    if x is None or x.ndim != 2 or x.dtype.kind != "f":
        return
    table = find_table(servable)
    finite = np.isfinite(x)
    if table is None or finite.all():
        return
    row, place = np.argwhere(~finite)[0].tolist()
    named = len(table.numeric) == x.shape[1]
    column = table.numeric[place] if named else str(place)
    raise invalid(
        f"Row {row}, column {column}: expected a finite number, received "
        f"{_shown(float(x[row, place]))}."
    )


def _shown(value: float) -> str:
    """Returns what is no number, as JSON's readers write it."""
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def unknown_categories(servable: Servable, tensors: Tensors) -> str:
    """Returns the categories that training did not show; none is no text.

    Args:
        servable: The version that is asked.
        tensors: From the request.

    Returns:
        `city=bath, street=`: each once, with percent signs where it is not
        plain ASCII; a missing one has nothing behind its column.
    """
    cells = tensors.get(TEXTS)
    table = find_table(servable) if cells is not None else None
    if cells is None or table is None or cells.ndim != 2:
        return ""
    if cells.shape[1] != len(table.known):
        return ""
    told = list(islice(_unknown(table, tensors), TOLD + 1))
    more = ["..."] if len(told) > TOLD else []
    return ", ".join(told[:TOLD] + more)


def _unknown(table: Table, tensors: Tensors) -> Iterator[str]:
    columns = tensors[TEXTS].T.tolist()
    for (name, known), column in zip(table.known.items(), columns, strict=True):
        # What differs: a million rows may hold three towns.
        for cell in dict.fromkeys(column):
            text = _text(cell)
            if text not in known:
                yield f"{_plain(name)}={_plain(text)}"


def _text(cell: bytes) -> str:
    try:
        return to_text(cell)
    except UnicodeDecodeError:
        return cell.decode("utf-8", "replace")


def _plain(text: str) -> str:
    return quote(text[:LONGEST], safe="", errors="replace")
