"""The bytes of a request's body to a JSON value, strictly and fast."""

import contextlib
import gc
import json
import math
from collections.abc import Iterator
from typing import Any

import orjson

from kerasnotes.serving.engine.errors import ServingError, invalid
from kerasnotes.serving.http.json_keys import check_keys

BOM = b"\xef\xbb\xbf"
NOT_NUMBERS = (b"NaN", b"Infinity")
"""What TensorFlow Serving takes for numbers and JSON does not."""
LARGE = 2**18
"""Bytes of a body that may hold so many lists that Python looks for cycles."""

MOST = {b"{": 2**18, b"[": 2**21, b",": 2**23}
"""Objects, lists and commas of a body: 4,096 examples of 64 inputs each; two
images of 1024 x 1024 pixels in colour."""
UNPACKED = 2**20
"""Values of a compressed body, besides two for each byte that was sent: a few
bytes may stand for millions of values, and each takes about 70."""
TOO_LARGE = (b"e000", b"0" * 200)
"""What every number beyond a float's range has, its digits taken for zeros:
an exponent of three digits, or two hundred digits."""
_ZEROS = bytes.maketrans(b"E123456789", b"e000000000")


def parse(body: bytes, sent: int | None = None) -> Any:
    """Returns the JSON value of a body.

    Nesting is bounded by the parser itself (about a thousand levels); what
    is made of the value bounds it further.

    Args:
        body: JSON text; one byte order mark in front of it is skipped.
        sent: Bytes of it on the wire, if it came compressed.

    Raises:
        ServingError: If it is not JSON in UTF-8, of too many parts, or gives
            a key twice.
    """
    body = body.removeprefix(BOM)
    check_counts(body, sent)
    if not body:
        raise invalid("JSON Parse error: The document is empty")
    if len(body) < LARGE:
        value = _parse(body)
        check_keys(body, value)
        return value
    with _no_search_for_cycles():
        value = _parse(body)
        check_keys(body, value)
    return value


def _parse(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if not any(word in body for word in NOT_NUMBERS):
            raise _parse_error(error.pos) from error
    return _parse_not_numbers(body)


def check_counts(body: bytes, sent: int | None) -> None:
    """Refuses what would need a hundred times its size in memory.

    Brackets within strings count too; few strings have that many.

    Args:
        body: JSON text.
        sent: Bytes of it on the wire, if it came compressed.

    Raises:
        ServingError: If there are too many parts.
    """
    if len(body) <= min(MOST.values()):
        return
    total = 0
    for mark, most in MOST.items():
        count = body.count(mark)
        total += count
        if count > most:
            raise invalid(
                f"Expected at most {most} of {mark.decode()} in the body: "
                "send large arrays as binary tensors or images."
            )
    if sent is not None and total > UNPACKED + 2 * sent:
        raise invalid(
            f"Expected at most {UNPACKED + 2 * sent} values in {sent} "
            "compressed bytes: send large arrays as they are, as binary "
            "tensors or as images."
        )


@contextlib.contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Pauses Python's collector while a large body is read.

    It would walk through everything that TensorFlow holds again and again:
    an image of 512 x 512 pixels took 200 ms, and takes 55.
    """
    paused = gc.isenabled()
    if paused:
        gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()


def _parse_not_numbers(body: bytes) -> Any:
    """Parses a body with NaN or Infinity, for which orjson has no form.

    Python takes a number that is too large for Infinity.
    """
    zeros = body.translate(_ZEROS, b"+")
    check = _finite if any(mark in zeros for mark in TOO_LARGE) else None
    try:
        return json.loads(body.decode("utf-8"), parse_float=check)
    except json.JSONDecodeError as error:
        raise _parse_error(error.pos) from error
    except (ValueError, RecursionError) as error:
        # Not UTF-8, a number that is too large, or too deep.
        raise _parse_error(0) from error


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


def _parse_error(offset: int) -> ServingError:
    return invalid(f"JSON Parse error: Invalid value. at offset: {offset}")


def parse_object(body: bytes, sent: int | None = None) -> dict[str, Any]:
    """Returns the JSON object of a body.

    Args:
        body: JSON text.
        sent: Bytes of it on the wire, if it came compressed.

    Raises:
        ServingError: If it is not JSON, or no object.
    """
    value = parse(body, sent)
    if type(value) is not dict:
        raise invalid(f"JSON Value: {shorten(value)} Is not object")
    return value


def shorten(value: Any, longest: int = 100) -> str:
    """Returns a JSON value as text for a message, cut where it is long."""
    # Not written out whole: it may hold millions of numbers.
    start = _first_items(value, 3, longest)
    text = json.dumps(start, ensure_ascii=False, separators=(",", ":"))
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= longest else text[:longest] + "..."


def _first_items(value: Any, depth: int, longest: int) -> Any:
    """Returns the start of a nested value: ten items on each level."""
    if type(value) is str:
        return value[: longest + 1]
    if type(value) is list:
        items = value[:10] if depth else []
        return [_first_items(item, depth - 1, longest) for item in items]
    if type(value) is dict:
        pairs = list(value.items())[:10] if depth else []
        return {
            key[:longest]: _first_items(item, depth - 1, longest)
            for key, item in pairs
        }
    return value
