"""TensorFlow's `TensorProto` to NumPy and back, for gRPC.

Written out here because only `servable.py` knows TensorFlow: messages are
taken from requests and answers, and asked for their own types.

Reference:
    TensorFlow, `core/framework/tensor.proto`; `Tensor::FromProto` for values
    that are left out.
"""

import math
from typing import Any

import numpy as np

from kerasnotes.serving.engine.datatypes import (
    BYTES,
    FROM_TENSORFLOW,
    TO_TENSORFLOW,
    dtype_name,
)
from kerasnotes.serving.engine.errors import Code, ServingError, invalid
from kerasnotes.serving.http.tensor_text import as_served
from kerasnotes.serving.v2.binary_tensors import may_be_shape

Array = np.ndarray[Any, Any]
FIELDS = {
    "float32": "float_val",
    "float64": "double_val",
    "float16": "half_val",
    "int64": "int64_val",
    "bool": "bool_val",
    "uint32": "uint32_val",
    "uint64": "uint64_val",
    BYTES: "string_val",
}
"""Where values of a type are, if not in `int_val`."""


def enum_name(message: Any, field: str, number: int) -> str:
    """Returns the name of a value of an enumeration in a message's field."""
    values = message.DESCRIPTOR.fields_by_name[field].enum_type
    value = values.values_by_number.get(number)
    return value.name if value else str(number)


def enum_number(message: Any, field: str, name: str) -> int:
    """Returns the number of a value of an enumeration; 0 if unknown."""
    values = message.DESCRIPTOR.fields_by_name[field].enum_type
    value = values.values_by_name.get(name)
    # Zero is each enumeration's "unknown".
    return int(value.number) if value else 0


def to_array(name: str, proto: Any, max_bytes: int) -> Array:
    """Returns a `TensorProto` as an array.

    Args:
        name: Of the input, for messages.
        proto: The message.
        max_bytes: Most bytes: one value may stand for billions.

    Raises:
        ServingError: If its type is unknown, or values and shape differ.
    """
    enum = enum_name(proto, "dtype", proto.dtype)
    if enum not in FROM_TENSORFLOW:
        raise ServingError(
            Code.UNIMPLEMENTED, f"Input {name}: {enum} is not served."
        )
    dtype = FROM_TENSORFLOW[enum]
    shape = tuple(dim.size for dim in proto.tensor_shape.dim)
    if proto.tensor_shape.unknown_rank or min(shape, default=0) < 0:
        raise invalid(f"Input {name}: expected a shape without unknowns.")
    kind = np.dtype(object if dtype == BYTES else dtype)
    count = math.prod(shape)
    large = count * kind.itemsize > max_bytes or not may_be_shape(shape)
    if len(shape) > 32 or large:
        raise invalid(f"Input {name}: shape {list(shape)[:40]} is too large.")
    if proto.tensor_content and dtype != BYTES:
        return _from_content(name, proto.tensor_content, shape, kind)
    values = getattr(proto, FIELDS.get(dtype, "int_val"))
    if dtype == BYTES and values:
        # A string that is left out is none of eight bytes.
        large = (count - len(values)) * len(values[-1]) > max_bytes
        if large:
            raise invalid(f"Input {name}: one string for {count} is too large.")
    return _from_values(name, values, count, dtype).reshape(shape)


def _from_content(
    name: str, content: bytes, shape: tuple[int, ...], kind: np.dtype[Any]
) -> Array:
    count = math.prod(shape)
    if len(content) != count * kind.itemsize:
        raise invalid(
            f"Input {name}: expected {count * kind.itemsize} bytes for shape "
            f"{list(shape)}, received {len(content)}."
        )
    array: Array
    if kind.kind == "b":
        array = np.frombuffer(content, np.uint8) != 0
    else:
        little = np.frombuffer(content, kind.newbyteorder("<"))
        array = little.astype(kind, copy=False)
    return array.reshape(shape)


def _from_values(name: str, values: Any, count: int, dtype: str) -> Array:
    """Returns listed values; the last one stands for all that are left out."""
    if len(values) > count:
        raise invalid(
            f"Input {name}: expected {count} values, received {len(values)}."
        )
    if dtype == BYTES:
        strings = np.full(count, b"", object)
        strings[: len(values)] = list(values)
        if values:
            strings[len(values) :] = values[-1]
        return strings
    # Half precision comes as the 16 bits of each number.
    kind = np.uint16 if dtype == "float16" else np.dtype(dtype)
    wide = np.array(values, np.uint64 if dtype == "uint64" else None)
    filled = np.zeros(count, kind)
    with np.errstate(over="ignore"):
        filled[: len(values)] = wide.astype(kind)
    if filled.dtype.kind in "iu" and (filled[: len(values)] != wide).any():
        raise invalid(f"Input {name}: a value is out of range of {dtype}.")
    if values:
        filled[len(values) :] = filled[len(values) - 1]
    return filled.view(np.float16) if dtype == "float16" else filled


def fill(name: str, proto: Any, array: Array) -> None:
    """Writes an output into an empty `TensorProto`.

    Raises:
        ServingError: If it is complex.
    """
    array = as_served(name, array)
    dtype = dtype_name(array)
    proto.dtype = enum_number(proto, "dtype", TO_TENSORFLOW[dtype])
    for size in array.shape:
        proto.tensor_shape.dim.add().size = size
    if dtype == BYTES:
        proto.string_val.extend(
            v.encode() if isinstance(v, str) else bytes(v)
            for v in array.ravel()
        )
        return
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    proto.tensor_content = little.tobytes()
