"""A large array of numbers in JSON, read without a list for each row.

An image of 512 x 512 pixels is a quarter of a million lists for a parser of
JSON, and for as long as it makes them no other thread runs. Here the text is
compared with the brackets and commas that an array of its shape has, and the
numbers between them are read in pieces. What is not such an array is left to
`http/json_tensor.py`, which says what is wrong with it.
"""

import dataclasses
import math
import re
import secrets
from typing import Any

import numpy as np
import orjson

from kerasnotes.serving.http.json_tensor import read_leaves

Array = np.ndarray[Any, Any]
STEP = 2**16
"""Bytes of text that are read at a time, in about a millisecond."""
BLOCK = 2**20
"""Bytes of text that are looked through at a time."""
MOST_AXES = 32
_DIGITS = b"0123456789+-.eE"
_END = re.compile(rb'["{}]')


@dataclasses.dataclass(frozen=True)
class Numbers:
    """An array that was found in a body.

    Args:
        text: Its numbers, in order, with commas between them.
        shape: Its shape.
        token: The string that stands for it in the rest of the body.
        rest: The body without it.
    """

    text: bytes
    shape: tuple[int, ...]
    token: str
    rest: bytes

    def array(self, dtype: str) -> Array | None:
        """Returns the array; `None` if a number does not fit its type.

        Args:
            dtype: NumPy's name of the type.
        """
        parts, start = [], 0
        while start < len(self.text):
            end = self.text.find(b",", start + STEP)
            end = len(self.text) if end < 0 else end
            part = _read(self.text[start:end], dtype)
            if part is None:
                return None
            parts.append(part)
            start = end + 1
        array = np.concatenate(parts) if parts else np.zeros(0)
        if array.size != math.prod(self.shape):
            return None
        return array.reshape(self.shape)


def _read(text: bytes, dtype: str) -> Array | None:
    try:
        values = orjson.loads(b"[" + text + b"]")
    except orjson.JSONDecodeError:
        return None
    return read_leaves(values, dtype)


def find_numbers(body: bytes, key: bytes) -> Numbers | None:
    """Returns the array behind a key, `None` if there is no plain one.

    Args:
        body: JSON text.
        key: With its quotes: `b'"instances"'`.
    """
    begin = body.find(b"[", body.find(key) + len(key))
    if key not in body or begin < 0:
        return None
    stop = _END.search(body, begin)
    end = body.rfind(b"]", begin, stop.start() if stop else len(body)) + 1
    text = body[begin:end]
    # A space may follow a comma, as Python writes them; nowhere else, where
    # it might part two numbers.
    if not end or text.count(b" ") != text.count(b", "):
        return None
    shape = _shape(_without(text, _DIGITS + b" "))
    if shape is None:
        return None
    token = secrets.token_hex(16)
    rest = body[:begin] + b'"%s"' % token.encode() + body[end:]
    return Numbers(_without(text, b"[] "), shape, token, rest)


def _without(text: bytes, marks: bytes) -> bytes:
    """Returns a text without some bytes; in blocks, for other threads."""
    starts = range(0, len(text), BLOCK)
    return b"".join(text[i : i + BLOCK].translate(None, marks) for i in starts)


def _shape(marks: bytes) -> tuple[int, ...] | None:
    """Returns the shape of an array that has these brackets and commas."""
    axes = len(marks) - len(marks.lstrip(b"["))
    if not 0 < axes <= MOST_AXES:
        return None
    part = marks[axes - 1 : marks.find(b"]") + 1]
    sizes = [part.count(b",") + 1]
    for start in range(axes - 1, 0, -1):
        # One list holds as many as end before its bracket does.
        last = marks.find(part + b"]", start)
        if last < 0:
            return None
        sizes.append((last - start) // (len(part) + 1) + 1)
        part = b"[" + b",".join([part] * sizes[-1]) + b"]"
    return tuple(reversed(sizes)) if part == marks else None
