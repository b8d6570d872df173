"""Arrays to JSON text, each number as few digits as read back equal.

Reference:
    TensorFlow Serving, `util/json_tensor.cc`: whole numbers end in `.0`;
    `NaN`, `Infinity` and `-Infinity` stand for themselves. Departs from it:
    it prints `%g`, else 9 digits; here the shortest text is found by orjson.
"""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson

from kerasnotes.serving.engine.errors import Code, ServingError
from kerasnotes.serving.engine.signature import Tensors
from kerasnotes.serving.http.json_tensor import encode_base64

Array = np.ndarray[Any, Any]
PIECE = 2**14
"""Numbers that are written at a time, in about a millisecond."""
AS_BYTES = "_bytes"
"""Ending of the names of outputs whose strings are written as base64."""


def tensor_text(name: str, array: Array) -> bytes:
    """Returns an array as JSON: nested lists, or a scalar if it has no axis.

    Args:
        name: Its name, which tells text from bytes.
        array: Numbers, booleans, or `bytes` objects.

    Raises:
        ServingError: If the numbers are complex.
    """
    if array.dtype == object:
        as_bytes = name.endswith(AS_BYTES)
        return orjson.dumps(_strings(array.tolist(), as_bytes))
    array = as_served(name, array)
    if not array.ndim:
        return tensor_text(name, array.reshape(1))[1:-1]
    return numbers_text(array, _with_not_numbers)


def numbers_text(
    array: Array, finish: Callable[[bytes, Array], bytes] | None = None
) -> bytes:
    """Returns an array of numbers, of one axis at least, as JSON.

    It is written in pieces, between which other threads have their turn: the
    writer holds the interpreter, for a second where there are ten millions.

    Args:
        array: Numbers or booleans.
        finish: Called with the text and the numbers of each piece.
    """
    if array.size > PIECE and len(array) == 1:
        return b"[" + numbers_text(array[0], finish) + b"]"
    if array.size > PIECE:
        step = max(1, PIECE * len(array) // array.size)
        starts = range(0, len(array), step)
        parts = [numbers_text(array[i : i + step], finish) for i in starts]
        return b"[" + b",".join(part[1:-1] for part in parts) + b"]"
    array = np.ascontiguousarray(array)
    text = orjson.dumps(array, option=orjson.OPT_SERIALIZE_NUMPY)
    return finish(text, array) if finish else text


def as_served(name: str, array: Array) -> Array:
    """Returns an output in a type that clients know.

    Args:
        name: Of the output, for messages.
        array: As the model gave it.

    Raises:
        ServingError: If it is complex: no protocol here has a form for it.
    """
    if array.dtype.kind in "fiubO":
        return array
    if array.dtype.kind == "c":
        raise ServingError(
            Code.UNIMPLEMENTED,
            f"Output {name}: {array.dtype.name} is not served.",
        )
    # bfloat16 and the like, which NumPy does not know of itself.
    return array.astype(np.float32)


def _with_not_numbers(text: bytes, array: Array) -> bytes:
    """Puts NaN and infinities where orjson wrote `null`."""
    if array.dtype.kind != "f" or b"null" not in text:
        return text
    missing = iter(array[~np.isfinite(array)].tolist())
    return re.sub(rb"null", lambda _: _not_number(next(missing)), text)


def _not_number(value: float) -> bytes:
    if math.isnan(value):
        return b"NaN"
    return b"Infinity" if value > 0 else b"-Infinity"


def _strings(value: Any, as_bytes: bool) -> Any:
    """Returns nested lists of `bytes` as text or base64 objects."""
    if isinstance(value, list):
        return [_strings(item, as_bytes) for item in value]
    data = value.encode() if isinstance(value, str) else bytes(value)
    if not as_bytes:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            # No JSON text can hold it.
            pass
    return {"b64": encode_base64(data)}


def rows_text(tensors: Tensors) -> bytes:
    """Returns a JSON list with a value for each example.

    One tensor gives a list of its parts, several a list of objects.
    """
    if len(tensors) == 1:
        ((name, array),) = tensors.items()
        return tensor_text(name, array)
    keys = {name: orjson.dumps(name) + b":" for name in tensors}
    rows = []
    for place in range(len(next(iter(tensors.values()), ()))):
        parts = [
            keys[name] + tensor_text(name, array[place : place + 1])[1:-1]
            for name, array in tensors.items()
        ]
        rows.append(b"{" + b",".join(parts) + b"}")
    return b"[" + b",".join(rows) + b"]"


def columns_text(tensors: Tensors) -> bytes:
    """Returns one tensor as JSON, or several as an object of them."""
    if len(tensors) == 1:
        ((name, array),) = tensors.items()
        return tensor_text(name, array)
    parts = [
        orjson.dumps(name) + b":" + tensor_text(name, array)
        for name, array in tensors.items()
    ]
    return b"{" + b",".join(parts) + b"}"
