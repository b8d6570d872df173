"""Rows of a table by the names of its columns, as a client has them.

`{"age": 3, "city": "Bath"}` becomes what the signature takes: `features`, and
`categories` where there are some.
"""

from typing import Any

import numpy as np

from kerasnotes.data.fields import Field
from kerasnotes.export.categories import NUMBERS, TEXTS
from kerasnotes.serving.engine.errors import ServingError, invalid
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import (
    DEFAULT,
    SignatureInfo,
    Tensors,
)
from kerasnotes.serving.engine.table_check import find_table
from kerasnotes.serving.http.json_body import shorten
from kerasnotes.serving.http.json_tensor import to_array

LISTED = 10
"""Columns named in an error."""


def read_named(
    rows: list[Any], servable: Servable, signature: SignatureInfo
) -> Tensors | None:
    """Returns the inputs that rows by column name stand for.

    Args:
        rows: JSON values.
        servable: Whose description names the columns.
        signature: What is asked.

    Returns:
        `None` if the rows name inputs of the signature, or the model is not
        one of a table.

    Raises:
        ServingError: If a column is missing or unknown, or a value is none
            of its kind.
    """
    first = rows[0]
    if type(first) is not dict or first.keys() == signature.inputs.keys():
        return None
    field = _table(servable, signature)
    if field is None or not first.keys() & {*field.names}:
        return None
    for place, row in enumerate(rows):
        _check_names(place, row, field)
    numeric = [c.name for c in field.columns if not c.categories]
    texts = [c.name for c in field.columns if c.categories]
    found: Tensors = {}
    if numeric:
        columns = [_numbers(name, rows) for name in numeric]
        found[NUMBERS] = np.stack(columns, axis=1)
    if texts:
        found[TEXTS] = np.stack([_texts(name, rows) for name in texts], axis=1)
    return found


def explain_category(
    request: dict[str, Any], servable: Servable, signature: SignatureInfo
) -> None:
    """Says which value of `categories` is no text, and of which column.

    Args:
        request: What cannot be read, with `instances` or `inputs`.
        servable: Whose description names the columns.
        signature: What is asked.

    Raises:
        ServingError: If there is such a value.
    """
    field = _table(servable, signature)
    if field is None or TEXTS not in signature.inputs:
        return
    rows = request.get("instances", request.get("inputs"))
    alone = len(signature.inputs) == 1
    if isinstance(rows, dict):
        rows, alone = rows.get(TEXTS), True
    names = [column.name for column in field.columns if column.categories]
    for place, row in enumerate(rows if isinstance(rows, list) else []):
        bare = row if alone else None
        cells = row.get(TEXTS) if isinstance(row, dict) else bare
        if not isinstance(cells, list) or len(cells) != len(names):
            continue
        for name, cell in zip(names, cells, strict=True):
            if not isinstance(cell, str | dict):
                raise _refuse(place, name, "a text, one of categories", cell)


def _table(servable: Servable, signature: SignatureInfo) -> Field | None:
    """Returns the table that a model takes rows of, if it is such a model."""
    if signature.name != DEFAULT or not {*signature.inputs} <= {NUMBERS, TEXTS}:
        return None
    table = find_table(servable)
    return table.field if table is not None and table.field.names else None


def _check_names(place: int, row: Any, field: Field) -> None:
    if type(row) is not dict:
        raise invalid(
            f"Row {place}: expected an object of columns, received "
            f"{shorten(row)}."
        )
    lacking = [name for name in field.names if name not in row]
    strange = [name for name in row if name not in {*field.names}]
    if lacking:
        raise invalid(f"Row {place} lacks {_listed(lacking)}.")
    if strange:
        raise invalid(
            f"Row {place}: {_listed(strange)} is no column of the model; "
            f"expected {_listed(field.names)}."
        )


def _listed(names: Any) -> str:
    shown = ", ".join(shorten(name)[1:-1] for name in list(names)[:LISTED])
    return shown + (", ..." if len(names) > LISTED else "")


def _numbers(name: str, rows: list[Any]) -> np.ndarray[Any, Any]:
    column = [row[name] for row in rows]
    try:
        if not any(isinstance(value, list) for value in column):
            return to_array(column, "float32", 1)
    except ServingError:
        pass
    for place, value in enumerate(column):
        try:
            if not isinstance(value, list):
                to_array(value, "float32", 0)
                continue
        except ServingError:
            pass
        raise _refuse(place, name, "a number", value)
    raise invalid(f"Column {name}: expected numbers.")


def _texts(name: str, rows: list[Any]) -> np.ndarray[Any, Any]:
    """Returns categories as bytes; a missing one is an unknown one."""
    found = np.empty(len(rows), object)
    for place, row in enumerate(rows):
        value = row[name]
        if type(value) in (bool, int):
            # As tables write them: `true`, and codes of digits.
            value = str(value).lower()
        if value is not None and type(value) is not str:
            raise _refuse(place, name, "a text, one of categories", value)
        try:
            found[place] = (value or "").encode()
        except UnicodeEncodeError:
            raise _refuse(place, name, "a text of Unicode", value) from None
    return found


def _refuse(place: int, name: str, wanted: str, value: Any) -> ServingError:
    return invalid(
        f"Row {place}, column {name}: expected {wanted}, received "
        f"{shorten(value)}."
    )
