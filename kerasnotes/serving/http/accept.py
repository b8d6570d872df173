"""Which of two forms a client would rather have, by its `Accept` header.

Reference:
    RFC 9110, 12.4.2 and 12.5.1.
"""

import re
from collections.abc import Iterator

EXACT = 2
"""How close a range is that names one media type; `*/*` is 0."""
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


def prefers(accept: bytes, kind: str, default: str) -> bool:
    """Tells whether a client would rather have `kind` than `default`.

    Args:
        accept: The header; empty: anything.
        kind: Media type, `image/png`.
        default: Media type that is sent unless something else is asked for.

    Returns:
        Whether `kind` has the higher quality; of equal ones, whether it is
        named more closely, or both are named by name.
    """
    ranges = dict(_ranges(accept.decode("latin-1").lower()))
    quality, closeness = _rate(ranges, kind)
    others, other_closeness = _rate(ranges, default)
    if not quality or quality != others:
        return quality > others
    return closeness > other_closeness or closeness == EXACT


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    """Yields each media range and its quality; damaged ones are left out."""
    for part in accept.split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        quality = "1"
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                quality = value.strip()
        if _QUALITY.fullmatch(quality):
            yield name, float(quality)


def _rate(ranges: dict[str, float], kind: str) -> tuple[float, int]:
    """Returns the quality of a media type, by its closest range, and which."""
    names = "*/*", f"{kind.partition('/')[0]}/*", kind
    for closeness in range(EXACT, -1, -1):
        if names[closeness] in ranges:
            return ranges[names[closeness]], closeness
    return 0.0, -1
