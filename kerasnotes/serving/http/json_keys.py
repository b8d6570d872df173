"""Keys that come twice in one JSON object: parsers keep one, silently.

Every key has a colon of its own behind it, so a body with no more colons than
the value has keys holds none twice. That is counted, which costs little; only
a body with colons in its texts is looked at closer.
"""

import json
import re
from itertools import chain
from typing import Any, NoReturn

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
    if len(_KEY.findall(body)) != keys:
        refuse_twins(body)


def refuse_twins(body: bytes) -> None:
    """Refuses the same of a small body, or of one that is in doubt.

    Args:
        body: JSON in UTF-8.

    Raises:
        ServingError: Names the key.
    """
    try:
        # Numbers stay texts: nobody asks for them, and they may be long.
        json.loads(
            body, object_pairs_hook=_once, parse_int=str, parse_float=str
        )
    except RecursionError:
        raise invalid("JSON Parse error: nested too deeply.") from None


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


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        _refuse(pairs)
    return found


def _refuse(pairs: list[tuple[str, Any]]) -> NoReturn:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            break
        seen.add(key)
    shown = json.dumps(key[:100], ensure_ascii=False)
    raise invalid(f"JSON object: the key {shown} is given twice.")
