"""Tensors as raw bytes behind a JSON header: Triton's binary extension.

Numbers are little-endian, in row-major order. Each string has its length in
front, four bytes.

Reference:
    KServe, `docs/concepts/architecture/data-plane/v2-protocol/
    binary-tensor-data-extension.md`; Triton, `extension_binary_data.md`.
"""

import math
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.serving.engine.datatypes import BYTES
from kerasnotes.serving.engine.errors import invalid

Array = np.ndarray[Any, Any]
_LENGTH = struct.Struct("<I")


def may_be_shape(shape: Sequence[int]) -> bool:
    """Tells whether NumPy can have such an array, were it of no bytes.

    It refuses lengths whose product overflows, also beside a length of 0.
    """
    return math.prod(size or 1 for size in shape) < 2**40


def split(body: bytes, header: bytes | None) -> tuple[bytes, memoryview]:
    """Returns the JSON part of a body and the bytes behind it.

    Args:
        body: All of it.
        header: Value of `Inference-Header-Content-Length`, if it was sent.

    Raises:
        ServingError: If that is no length within the body.
    """
    if header is None:
        return body, memoryview(b"")
    if not header.isdigit() or len(header) > 19 or int(header) > len(body):
        raise invalid(
            "Expected an Inference-Header-Content-Length of at most "
            f"{len(body)}, received {header.decode('latin-1')[:40]}."
        )
    return body[: int(header)], memoryview(body)[int(header) :]


def decode(
    name: str, data: memoryview, shape: tuple[int, ...], dtype: str
) -> Array:
    """Returns raw bytes as an array; numbers are not copied.

    Args:
        name: Of the tensor, for messages.
        data: Its bytes, exactly.
        shape: Its shape.
        dtype: NumPy's name of its type, or `bytes`.

    Raises:
        ServingError: If the bytes are more or fewer than the shape needs.
    """
    count = math.prod(shape)
    if dtype == BYTES:
        return _decode_strings(name, data, count).reshape(shape)
    kind = np.dtype(dtype).newbyteorder("<")
    if len(data) != count * kind.itemsize:
        raise invalid(
            f"Input {name}: expected {count * kind.itemsize} bytes for shape "
            f"{list(shape)}, received {len(data)}."
        )
    array: Array
    if dtype == "bool":
        # Any other byte than 0 and 1 would be a boolean of undefined value.
        array = np.frombuffer(data, np.uint8) != 0
    else:
        array = np.frombuffer(data, kind).astype(dtype, copy=False)
    return array.reshape(shape)


def _decode_strings(name: str, data: memoryview, count: int) -> Array:
    # Four bytes each at least: so a huge count allocates nothing.
    if count * _LENGTH.size > len(data):
        raise invalid(
            f"Input {name}: expected {count} strings, data end early."
        )
    strings = np.empty(count, object)
    start = 0
    for place in range(count):
        if start + _LENGTH.size > len(data):
            raise invalid(f"Input {name}: string {place} is cut off.")
        (length,) = _LENGTH.unpack_from(data, start)
        start += _LENGTH.size
        if start + length > len(data):
            raise invalid(f"Input {name}: string {place} is cut off.")
        strings[place] = bytes(data[start : start + length])
        start += length
    if start != len(data):
        raise invalid(
            f"Input {name}: {len(data) - start} bytes behind the last string."
        )
    return strings


def encode(array: Array) -> bytes:
    """Returns an array as raw bytes."""
    if array.dtype != object:
        little = array.dtype.newbyteorder("<")
        return np.ascontiguousarray(array, little).tobytes()
    parts: list[bytes] = []
    for value in array.ravel():
        data = value.encode() if isinstance(value, str) else bytes(value)
        parts += (_LENGTH.pack(len(data)), data)
    return b"".join(parts)
