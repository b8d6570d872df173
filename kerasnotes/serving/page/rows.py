"""Rows pasted into the page, or a file dropped on it: what they mean.

They are read as `kn predict` reads a file: stamps, gaps, planned columns and
the calendar mean the same through every door.
"""

import tempfile
from pathlib import Path
from typing import Any

from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Array
from kerasnotes.data.readers.tables.sequence_rows import sequences_of
from kerasnotes.data.readers.tables.series_rows import past_of
from kerasnotes.data.readers.tables.table_file import TableFile, open_table
from kerasnotes.data.spec import Spec
from kerasnotes.serving.engine.errors import ServingError, invalid

MOST = 2**20
"""Bytes of a text of rows."""
_PLACE = "The text"


def read_rows(text: bytes, spec: Spec) -> dict[str, Any]:
    """Returns what a model is asked by rows.

    Args:
        text: A table as in a `.csv` or `.tsv` file.
        spec: What the model was trained on: a series or sequences.

    Returns:
        `instance`, as `/v1` takes it. Of a forecast also `past`, the window
        `(T, D)`; and `times`, of the rows that are forecast, none if they
        are not known.

    Raises:
        ServingError: If rows or columns are missing, or there is more than
            one sequence, in words.
    """
    # Readers of tables go through a file more than once.
    with tempfile.TemporaryDirectory(prefix="kn-rows-") as folder:
        path = Path(folder) / "rows.csv"
        path.write_bytes(text)
        try:
            table = open_table(path, spec.input.names)
            if spec.target.kind == "series":
                return _to_go_on_from(table, spec)
            return _to_judge(table, spec)
        except DataError as error:
            raise _refuse(error, path) from None


def _to_judge(table: TableFile, spec: Spec) -> dict[str, Any]:
    found = sequences_of(table, _PLACE, spec)
    if len(found) > 1:
        raise invalid(
            f"{_PLACE} holds {len(found)} sequences, by its column "
            f"`{spec.input.sequence}`. Expected: one."
        )
    return {"instance": _shortest(found[0])}


def _to_go_on_from(table: TableFile, spec: Spec) -> dict[str, Any]:
    past = past_of(table, _PLACE, spec)
    rows = _shortest(past.values)
    instance: Any = rows
    if past.future is not None:
        instance = {"series": rows, "future": _shortest(past.future)}
    return {"instance": instance, "past": rows, "times": list(past.times)}


def _shortest(values: Array) -> Any:
    """Returns float32 as JSON numbers of no more digits than tell them."""
    return values.astype(str).astype("float64").tolist()


def _refuse(error: DataError, path: Path) -> ServingError:
    parts = [error.message]
    if error.expected:
        parts.append(f"Expected: {error.expected}.")
    if error.received:
        parts.append(f"Received: {error.received}.")
    return invalid(" ".join(parts).replace(str(path), _PLACE))
