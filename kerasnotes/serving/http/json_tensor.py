"""JSON values to arrays of exactly the type that a signature asks for.

Nothing is converted that JSON tells apart: `true` is no number, `1.0` no
integer, `"1"` neither, and a number that the type cannot hold is an error.

Lists are flattened level by level and looked at as a whole, which is as
fast as NumPy's own reading of nested lists. Only what does not fit is walked
through value by value, to say what is wrong with which.

Reference:
    TensorFlow Serving, `util/json_tensor.cc`: rules and texts. Departs from
    it: integers of 8 and 16 bits are checked against their range.
"""

import base64
import binascii
from itertools import chain
from typing import Any, NoReturn

import numpy as np

from kerasnotes.serving.engine.datatypes import (
    BYTES,
    TO_TENSORFLOW,
    tensorflow_name,
)
from kerasnotes.serving.engine.errors import Code, ServingError, invalid
from kerasnotes.serving.http.json_body import shorten

Array = np.ndarray[Any, Any]
UNKNOWN = ("uint16", "float16")
"""Types that TensorFlow Serving has no JSON form for."""
LARGEST_INTEGER = {"float32": 2**24 - 1, "float64": 2**53 - 1}
"""Every integer up to here has its own floating-point number."""
FLOAT_MAX = float(np.finfo(np.float32).max)
CHUNK = 256
"""Items of a list that are looked at together in search of a bad one."""


def to_array(value: Any, dtype: str, max_depth: int) -> Array:
    """Returns a JSON value, a scalar or nested lists, as an array.

    Args:
        value: As the parser gave it.
        dtype: NumPy's name of the type, or `bytes`: array of `bytes` objects.
        max_depth: Most axes.

    Raises:
        ServingError: If lists are ragged or too deep, or a value is not of
            the type.
    """
    if dtype in UNKNOWN or dtype not in TO_TENSORFLOW:
        raise ServingError(
            Code.UNIMPLEMENTED,
            f"Conversion of JSON Value: {shorten(value)} to type: "
            f"{tensorflow_name(dtype)}",
        )
    shape = outer_shape(value, max_depth)
    flat = flatten(value, shape)
    array = None if flat is None else read_leaves(flat, dtype)
    if array is None:
        explain(value, shape, dtype)
    return array.reshape(shape)


def outer_shape(value: Any, max_depth: int) -> tuple[int, ...]:
    """Returns the shape that the first item of each list gives.

    Raises:
        ServingError: If there are more than `max_depth` axes.
    """
    shape = []
    while type(value) is list:
        shape.append(len(value))
        if len(shape) > max_depth:
            raise invalid(f"Lists are nested deeper than {max_depth} levels")
        if not value:
            break
        value = value[0]
    return tuple(shape)


def flatten(value: Any, shape: tuple[int, ...]) -> list[Any] | None:
    """Returns the leaves of nested lists in order; `None` if ragged."""
    if not shape:
        return [value]
    flat = value
    for size in shape[1:]:
        if set(map(type, flat)) != {list} or set(map(len, flat)) != {size}:
            return None
        flat = list(chain.from_iterable(flat))
    leaves: list[Any] = flat
    return leaves


def read_leaves(flat: list[Any], dtype: str) -> Array | None:
    """Returns values as an array `(len(flat),)`; `None` if one does not fit.

    Args:
        flat: JSON values, none of them a list.
        dtype: NumPy's name of the type, or `bytes`.
    """
    types = set(map(type, flat))
    if dtype in LARGEST_INTEGER:
        return _read_floats(flat, types, dtype)
    if dtype == BYTES:
        return _read_strings(flat, types)
    if dtype == "bool":
        return np.array(flat, bool) if types <= {bool} else None
    return _read_integers(flat, dtype) if types <= {int} else None


def _read_floats(flat: list[Any], types: set[type], dtype: str) -> Array | None:
    if not types <= {float, int}:
        return None
    if int in types:
        largest = LARGEST_INTEGER[dtype]
        whole = [v for v in flat if type(v) is int] if float in types else flat
        if max(whole) > largest or min(whole) < -largest:
            return None
    array = np.array(flat, np.float64)
    if dtype == "float64":
        return array
    try:
        # NaN and infinity pass; a number that is too large does not.
        with np.errstate(over="raise"):
            return array.astype(np.float32)
    except FloatingPointError:
        return None


def _read_integers(flat: list[Any], dtype: str) -> Array | None:
    wide = np.uint64 if dtype == "uint64" else np.int64
    try:
        array = np.array(flat, wide)
    except OverflowError:
        return None
    if wide is np.uint64 or dtype == "int64" or not flat:
        return array.astype(dtype)
    limits = np.iinfo(dtype)
    if array.min() < limits.min or array.max() > limits.max:
        return None
    return array.astype(dtype)


def _read_strings(flat: list[Any], types: set[type]) -> Array | None:
    if not types <= {str, dict}:
        return None
    array = np.empty(len(flat), object)
    for place, value in enumerate(flat):
        decoded = _read_string(value)
        if decoded is None:
            return None
        array[place] = decoded
    return array


def _read_string(value: str | dict[str, Any]) -> bytes | None:
    """Returns a string, or `{"b64": ...}`, as bytes; `None` if it is bad."""
    try:
        if isinstance(value, str):
            return value.encode("utf-8")
        if is_base64(value):
            return decode_base64(value["b64"])
    except ValueError:
        # A lone surrogate, or not base64.
        return None
    return None


def is_base64(value: Any) -> bool:
    """Tells whether a value is `{"b64": "..."}` and so stands for bytes."""
    return (
        type(value) is dict
        and len(value) == 1
        and type(value.get("b64")) is str
    )


def decode_base64(text: str) -> bytes:
    """Decodes base64, standard or URL-safe, with or without padding.

    Raises:
        ValueError: If it is neither.
    """
    text = text.rstrip("=")
    if "-" in text or "_" in text:
        text = text.replace("-", "+").replace("_", "/")
    return binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)


def encode_base64(data: bytes) -> str:
    """Returns bytes as base64 text."""
    return base64.b64encode(data).decode("ascii")


def explain(value: Any, shape: tuple[int, ...], dtype: str) -> NoReturn:
    """Raises the error of the first value that does not fit.

    Raises:
        ServingError: Always, in TensorFlow Serving's words.
    """
    _walk(value, 0, shape, dtype)
    raise invalid(f"JSON Value: {shorten(value)} cannot be read")


def _walk(value: Any, level: int, shape: tuple[int, ...], dtype: str) -> None:
    """Looks at one list and all below it; at most `len(shape)` deep."""
    rank = len(shape)
    if type(value) is not list:
        if level != rank:
            raise invalid(
                f"JSON Value: {shorten(value)} found at incorrect level: "
                f"{level + 1} in the JSON DOM. Expected at level: {rank}"
            )
        _check_leaf(value, dtype)
        return
    if level >= rank:
        raise invalid(
            f"Encountered list at unexpected level: {level} expected < {rank}"
        )
    if len(value) != shape[level]:
        raise invalid(
            f"Encountered list at unexpected size: {len(value)} at level: "
            f"{level} expected size: {shape[level]}"
        )
    for start in range(0, len(value), CHUNK):
        chunk = value[start : start + CHUNK]
        if not _fits(chunk, (len(chunk), *shape[level + 1 :]), dtype):
            for item in chunk:
                _walk(item, level + 1, shape, dtype)


def _fits(value: Any, shape: tuple[int, ...], dtype: str) -> bool:
    flat = flatten(value, shape)
    return flat is not None and read_leaves(flat, dtype) is not None


def _check_leaf(value: Any, dtype: str) -> None:
    if read_leaves([value], dtype) is not None:
        return
    if dtype == BYTES and type(value) is dict:
        if is_base64(value):
            raise invalid("Unable to base64 decode")
        raise invalid(
            f"JSON Value: {shorten(value)} not formatted correctly for base64 "
            "data"
        )
    if dtype in LARGEST_INTEGER and type(value) in (int, float):
        raise invalid(
            f"Cannot convert JSON value: {shorten(value)} to "
            f"{tensorflow_name(dtype)} without loss of precision."
        )
    raise invalid(
        f"JSON Value: {shorten(value)} Type: {json_type(value)} is not of "
        f"expected type: {tensorflow_name(dtype)}"
    )


def json_type(value: Any) -> str:
    """Returns RapidJSON's name of a value's type."""
    if value is None:
        return "Null"
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return "String"
    if isinstance(value, int | float):
        return "Number"
    return "Array" if isinstance(value, list) else "Object"
