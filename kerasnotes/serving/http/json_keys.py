"""Keys that come twice in one JSON object: parsers keep one, silently.

Every key has a colon of its own behind it, so a body with no more colons than
the value has keys holds none twice. That is counted, which costs little; only
a body with colons in its texts is looked at closer.
"""

import json
import re
from itertools import chain, islice
from typing import Any

from kerasnotes.serving.engine.errors import invalid

_KEY = re.compile(rb'"\s*:')


def check_keys(body: bytes, value: Any) -> None:
    """Refuses a body in which an object has one key twice.

    Args:
        body: JSON in UTF-8.
        value: What a parser made of it.

    Raises:
        ServingError: Names the key.
    """
    colons = body.count(b":")
    if not colons or colons == (keys := _count(value, body.count(b"{"))):
        return
    # A quote within a text has a backslash in front: these are no fewer.
    if sum(1 for _ in islice(_KEY.finditer(body), keys + 1)) != keys:
        refuse_twins(body)


def refuse_twins(body: bytes) -> None:
    """Refuses the same of a small body, or of one that is in doubt.

    Args:
        body: JSON in UTF-8.

    Raises:
        ServingError: Names the key.
    """
    try:
        # Nothing is kept: the value is there already, and may be large.
        json.loads(
            body,
            object_pairs_hook=_check_pairs,
            parse_int=_forget,
            parse_float=_forget,
        )
    except RecursionError:
        raise invalid("JSON Parse error: nested too deeply.") from None


def _forget(_: str) -> None:
    return None


def _count(value: Any, objects: int) -> int:
    """Returns how many keys a value's objects have, all together.

    Args:
        value: As a parser gave it.
        objects: No more than so many are in it: the search ends with them.
    """
    keys, level = 0, [value]
    while level:
        found = [each for each in level if type(each) is dict]
        keys += sum(map(len, found))
        objects -= len(found)
        if objects <= 0:
            break
        lists = (each for each in level if type(each) is list)
        inner = chain(*(each.values() for each in found), *lists)
        level = [each for each in inner if type(each) in (dict, list)]
    return keys


def _check_pairs(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            shown = json.dumps(key[:100], ensure_ascii=False)
            raise invalid(f"JSON object: the key {shown} is given twice.")
        seen.add(key)
