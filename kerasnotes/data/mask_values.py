"""Which raw mask values are classes, and which are mistakes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.problems import Problems

MAX_CLASSES = 256
Listed = dict[int, str]
"""Class names by raw value, as a `classes.txt` gives them."""


def pack_colour(colours: Array) -> Array:
    """Returns colours `(..., 3)`, 8 bit, as single values `0xRRGGBB`."""
    red, green, blue = (colours[..., i].astype("int32") for i in range(3))
    packed: Array = (red << 16) | (green << 8) | blue
    return packed


def unpack_colour(packed: Array) -> Array:
    """Returns the colours `(..., 3)`, uint8, of values `0xRRGGBB`."""
    parts = [(packed >> shift) & 255 for shift in (16, 8, 0)]
    return np.stack(parts, axis=-1).astype("uint8")


def read_classes(path: Path) -> Listed | None:
    """Reads `classes.txt`: one line `value name` or `r,g,b name` a class.

    Returns:
        `None` if there is no such file.

    Raises:
        DataError: If a line is neither.
    """
    if not path.is_file():
        return None
    listed: Listed = {}
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        value, _, name = line.strip().partition(" ")
        try:
            listed[_value(value)] = name.strip() or value
        except ValueError:
            raise DataError(
                f"{path}, line {number} is not a class.",
                expected="`value name` or `r,g,b name`",
                received=line,
            ) from None
    return listed


def _value(text: str) -> int:
    if "," not in text:
        return int(text)
    colour = [int(part) for part in text.split(",")]
    if len(colour) != 3 or not all(0 <= part <= 255 for part in colour):
        raise ValueError(text)
    return int(pack_colour(np.array(colour)))


def choose(
    found: Sequence[tuple[str, Iterable[int]]],
    listed: Listed | None,
    names: Sequence[str] | None,
    problems: Problems,
) -> tuple[int, ...]:
    """Decides which raw values are the classes, in their order.

    In this order: what `classes.txt` lists; 0 to K-1 if the user named K
    classes and no value is above; 0 and 1, 0 and 255, or 0 to K-1 without a
    gap; else the values that at least half of the masks hold.

    Args:
        found: Each mask's name and its distinct values.
        listed: The contents of `classes.txt`, if there is one.
        names: The class names that the user gave, if any.
        problems: Told of the masks that hold other values.
    """
    counts = Counter(value for _, values in found for value in set(values))
    known = tuple(sorted(_known(counts, len(found), listed, names)))
    for where, values in found:
        unknown = sorted(set(values) - set(known))
        if unknown:
            shown = ", ".join(map(str, unknown[:8]))
            shown += ", ..." if len(unknown) > 8 else ""
            text = f"unknown value {shown} (known: {_brief(known)})"
            problems.add("unknown mask value", where, text)
    if len(known) == 1:
        text = f"every pixel of every mask is {known[0]}"
        problems.add("single class", "", text)
    return known


def _known(
    counts: Counter[int],
    masks: int,
    listed: Listed | None,
    names: Sequence[str] | None,
) -> set[int]:
    values = set(counts)
    if listed:
        return set(listed)
    if names and values <= set(range(len(names))):
        return set(range(len(names)))
    if values == {0, 255} or _is_range(values):
        return values
    if 255 in values and _is_range(values - {255}):
        # The usual "ignore" label: not a class unless it is listed.
        return values - {255}
    # One stray value in one of two masks must not pass for half of them.
    least = max(2, masks / 2) if masks > 1 else 1
    frequent = {value for value, count in counts.items() if count >= least}
    return set(sorted(frequent)[:MAX_CLASSES])


def _is_range(values: set[int]) -> bool:
    return values == set(range(len(values))) and len(values) <= MAX_CLASSES


def _brief(values: Sequence[int]) -> str:
    if len(values) > 2 and _is_range(set(values)):
        return f"0 to {len(values) - 1}"
    return ", ".join(map(str, values[:12])) or "none"


class Encoder:
    """Turns raw mask values into class numbers.

    Args:
        values: The raw value of each class.
    """

    def __init__(self, values: Sequence[int]) -> None:
        self.values = np.asarray(values, "int64")
        self._table: Array | None = None
        if 0 <= self.values.min() and self.values.max() < 65_536:
            self._table = np.full(65_536, -1, "int32")
            self._table[self.values] = np.arange(len(values))

    def __call__(self, raw: Array, where: str) -> Array:
        """Returns class numbers, int32, in the shape of `raw`.

        Raises:
            DataError: If a value is not one of the classes'.
        """
        numbers = self._numbers(raw)
        if numbers.size and numbers.min() < 0:
            unknown = np.unique(raw[numbers < 0])[:8]
            raise DataError(
                f"The mask of {where} holds values that are no class.",
                expected=_brief(self.values.tolist()),
                received=", ".join(map(str, unknown)),
                hint="list every class in a classes.txt beside the masks",
            )
        return numbers

    def _numbers(self, raw: Array) -> Array:
        if self._table is not None and raw.dtype in ("uint8", "uint16"):
            numbers: Array = self._table[raw]
            return numbers
        place = np.searchsorted(self.values, raw)
        place = np.minimum(place, len(self.values) - 1)
        hit = self.values[place] == raw
        return np.where(hit, place, -1).astype("int32")
