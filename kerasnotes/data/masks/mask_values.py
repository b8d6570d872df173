"""Which raw mask values are classes, and which are mistakes."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError
from kerasnotes.base.spelling import composed
from kerasnotes.data import fields
from kerasnotes.data.dataset import Array
from kerasnotes.data.fields import Field
from kerasnotes.data.masks.mask_encoder import brief
from kerasnotes.data.masks.mask_survey import Survey
from kerasnotes.data.masks.mask_suspicions import (
    few_instances,
    instances,
    soft_edges,
)
from kerasnotes.data.problems import Problems
from kerasnotes.data.text import encoding

MAX_CLASSES = 256
TWO = (0, 255)
"""Raw values of the classes that a threshold, or joining, makes."""


@dataclasses.dataclass(frozen=True)
class Listed:
    """What a `classes.txt` says.

    Args:
        names: Class names by raw value; colours as `0xRRGGBB`.
        colours: Whether the values are colours.
    """

    names: dict[int, str]
    colours: bool


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
        `None` if there is no such file, or no class in it.

    Raises:
        DataError: If a line is neither.
    """
    if not path.is_file():
        return None
    names: dict[int, str] = {}
    colours = False
    text = composed(encoding.read_text(path))
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        value, _, name = line.strip().partition(" ")
        try:
            names[_value(value)] = name.strip() or value
        except ValueError:
            raise DataError(
                f"{path}, line {number} is not a class.",
                expected="`value name` or `r,g,b name`",
                received=line,
            ) from None
        colours |= "," in value
    return Listed(names, colours) if names else None


def _value(text: str) -> int:
    if "," not in text:
        return int(text)
    colour = [int(part) for part in text.split(",")]
    if len(colour) != 3 or not all(0 <= part <= 255 for part in colour):
        raise ValueError(text)
    return int(pack_colour(np.array(colour)))


def choose(
    found: Sequence[Survey],
    listed: Listed | None,
    config: DataConfig,
    problems: Problems,
) -> tuple[int, ...]:
    """Decides which raw values are the classes, in their order.

    In this order: two, if a threshold or joined instances make them; what
    `classes.txt` lists; 0 to K-1 if the user named K classes and no value is
    above; 0 and 1, 0 and 255, or 0 to K-1 without a gap; else the values
    that at least half of the masks hold. Values that look like soft edges
    or instance numbers are no classes.

    Args:
        found: What each mask holds.
        listed: The contents of `classes.txt`, if there is one.
        config: The class names that the user gave; what is ignored.
        problems: Told of the masks that hold other values.

    Returns:
        Raw values; none if they are not classes.
    """
    found = _leave_out(found, config.ignore, problems)
    if config.threshold is not None or config.instances:
        _check_two(found, config, problems)
        return TWO
    counts = Counter(value for one in found for value in one.counts)
    known = _told(set(counts), listed, config.classes)
    if known is None:
        odd = _suspect(found, set(counts), problems)
        if odd:
            return ()
        known = _guess(counts, len(found), problems)
    _tell_unknown(found, known, problems)
    if len(known) == 1:
        text = f"every pixel of every mask is {min(known)}"
        problems.add("single class", "", text)
    return tuple(sorted(known))


def _check_two(
    found: Sequence[Survey], config: DataConfig, problems: Problems
) -> None:
    """Tells if one of the two classes that are made is empty."""
    least = config.threshold or 1
    values = {value for one in found for value in one.counts}
    second = {value for value in values if value >= least or value < 0}
    if not second:
        problems.add("single class", "", f"every pixel is below {least}")
    elif second == values:
        text = "no pixel of any mask is 0, the ground"
        if config.threshold:
            text = f"no pixel is below {least}"
        problems.add("single class", "", text)


def _leave_out(
    found: Sequence[Survey], ignore: int | None, problems: Problems
) -> Sequence[Survey]:
    """Returns the surveys without the pixels to ignore; tells their part."""
    if ignore is None:
        return found
    void = sum(one.counts.get(ignore, 0) for one in found)
    pixels = sum(sum(one.counts.values()) for one in found)
    problems.note(
        f"Left out: {100 * void / max(1, pixels):.2f} % of all mask pixels, "
        f"which hold {ignore} (data.ignore); they count neither in the loss "
        "nor in the metrics."
    )
    return [one.without(ignore) for one in found]


def _told(
    values: set[int], listed: Listed | None, names: Sequence[str] | None
) -> set[int] | None:
    if listed:
        return set(listed.names)
    if names and values <= set(range(len(names))):
        return set(range(len(names)))
    return None


def _suspect(
    found: Sequence[Survey], values: set[int], problems: Problems
) -> bool:
    if len(values) <= 2:
        return False
    blurred = soft_edges(found)
    if blurred:
        problems.add("soft edges", "", blurred)
        return True
    # The usual "void" label numbers nothing.
    numbered = instances([one.without(255) for one in found])
    if numbered:
        problems.add("instance numbers", "", numbered)
        return True
    asked = few_instances([one.without(255) for one in found])
    if asked:
        problems.note(asked)
    return False


def _guess(counts: Counter[int], masks: int, problems: Problems) -> set[int]:
    values = set(counts)
    if values == {0, 255} or _is_range(values):
        return values
    if 255 in values and _is_range(values - {255}):
        # The usual "void" label: not a class unless it is listed.
        return values - {255}
    # One stray value in one of two masks must not pass for half of them.
    least = max(2, masks / 2) if masks > 1 else 1
    frequent = {value for value, count in counts.items() if count >= least}
    known = set(sorted(frequent)[:MAX_CLASSES])
    problems.note(
        f"Mask values taken for classes: {brief(sorted(known))}; half of the "
        "masks or more hold each. A classes.txt names others."
    )
    return known


def _tell_unknown(
    found: Sequence[Survey], known: set[int], problems: Problems
) -> None:
    scaled = _are_two_scales(found, known)
    for one in found:
        unknown = sorted(set(one.counts) - known)
        if unknown:
            shown = ", ".join(map(str, unknown[:8]))
            shown += ", ..." if len(unknown) > 8 else ""
            text = f"unknown value {shown} (known: {brief(sorted(known))})"
            if unknown == [255] and scaled:
                text += (
                    "; some masks are 0 and 255, others 0 and 1: --threshold 1 "
                    "reads both alike"
                )
            elif unknown == [255]:
                text += "; if it is void, --ignore 255 leaves it out"
            problems.add("unknown mask value", one.name, text)


def _are_two_scales(found: Sequence[Survey], known: set[int]) -> bool:
    """Returns whether 255 is to some masks what 1 is to others.

    A void label would stand beside the object, in one mask or another.
    """
    kinds = [set(one.counts) & {1, 255} for one in found]
    return known == {0, 1} and {1, 255} not in kinds


def _is_range(values: set[int]) -> bool:
    return values == set(range(len(values))) and len(values) <= MAX_CLASSES


def to_field(
    shape: tuple[int | None, ...],
    classes: Sequence[str],
    values: tuple[int, ...],
    config: DataConfig,
) -> Field:
    """Returns the field of masks for images of `shape` `(H, W, C)`."""
    ignore = () if config.ignore is None else (config.ignore,)
    return fields.mask(shape, classes, values, ignore, config.instances)
