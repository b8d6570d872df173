"""How the masks of a set are read: what is stored, or what a viewer sees."""

from collections.abc import Sequence

from kerasnotes.base.config import DataConfig
from kerasnotes.data.masks.mask_survey import Survey
from kerasnotes.data.masks.mask_values import Listed
from kerasnotes.data.problems import Problems
from kerasnotes.data.readers.masks.mask_files import STORED, MaskContent, Way

SHOWN = 12
"""Colours named in one remark."""


def first_look(config: DataConfig) -> Way:
    """Returns how masks are decoded before it is known what they hold."""
    return Way(soft=config.threshold is not None)


def choose_way(
    contents: Sequence[MaskContent],
    listed: Listed | None,
    config: DataConfig,
    problems: Problems,
) -> Way:
    """Decides how all masks of a set are read.

    An index of a palette is a label only if every file gives it the same
    colour, and every colour the same index; grey files have the palette of
    all greys. Then classes are the same by either. Otherwise colours decide.

    Args:
        contents: What each file holds.
        listed: The contents of `classes.txt`, if there is one.
        config: A threshold is one of the brightness that is seen.
        problems: Told what was taken, where there was a choice.
    """
    soft = config.threshold is not None
    if any(content.alpha == "mask" for content in contents):
        problems.note(
            "The masks are in the alpha channel: opacity is read, not colour."
        )
        return Way("alpha", soft)
    if soft:
        return Way("grey", soft)
    if listed and listed.colours:
        return Way("colour")
    if any(content.coloured for content in contents):
        return Way("colour")
    if _agree(contents):
        if any(content.palette for content in contents):
            _tell_indices(contents, problems)
        return STORED
    twins = _twins(contents)
    if twins:
        if not listed and not config.classes:
            problems.add("unclear mask", "", twins)
        return STORED
    problems.note(
        "The masks' palettes differ from file to file: colours decide, not "
        "the numbers that stand for them."
    )
    return Way("grey" if _all_grey(contents) else "colour")


def as_seen(config: DataConfig, way: Way) -> DataConfig:
    """Returns the settings with `ignore` as the masks are read.

    Among colours, 255 is white.
    """
    ignore = config.ignore
    if way.kind != "colour" or ignore is None or ignore > 255:
        return config
    return config.model_copy(update={"ignore": ignore * 0x010101})


def refuse_colours(
    found: Sequence[Survey], listed: Listed | None, problems: Problems
) -> bool:
    """Tells of coloured masks whose colours nobody named; returns if any."""
    if listed:
        return False
    coloured = [
        one for one in found if any(not is_grey(value) for value in one.counts)
    ]
    for one in coloured:
        text = "a colour mask, and no classes.txt lists its colours"
        problems.add("unknown mask value", one.name, text)
    if coloured:
        problems.note(_list_colours(found))
    return bool(coloured)


def _agree(contents: Sequence[MaskContent]) -> bool:
    colours: dict[int, int] = {}
    values: dict[int, int] = {}
    for content in contents:
        for value, colour in content.seen.items():
            same = colours.setdefault(value, colour) == colour
            if not same or values.setdefault(colour, value) != value:
                return False
    return True


def _twins(contents: Sequence[MaskContent]) -> str | None:
    """Says which numbers have one colour, though every file agrees on it."""
    colours: dict[int, int] = {}
    for content in contents:
        for value, colour in content.seen.items():
            if colours.setdefault(value, colour) != colour:
                return None
    for content in contents:
        if len(set(content.seen.values())) < len(content.seen):
            return (
                "the palette gives several numbers one colour, the same in "
                "every file: name every number with --classes or in a "
                "classes.txt, or every colour there"
            )
    return None


def _all_grey(contents: Sequence[MaskContent]) -> bool:
    return all(
        is_grey(c) for content in contents for c in content.seen.values()
    )


def list_classes(classes: Sequence[str]) -> str:
    """Returns the classes of masks in a sentence."""
    more = ", ..." if len(classes) > SHOWN else ""
    shown = ", ".join(classes[:SHOWN])
    return f"{len(classes)} classes of pixels: {shown}{more}."


def is_grey(colour: int) -> bool:
    """Returns whether a packed colour is grey, or deeper than a colour."""
    return (
        colour < 0 or colour > 0xFFFFFF or colour == (colour & 255) * 0x010101
    )


def _tell_indices(contents: Sequence[MaskContent], problems: Problems) -> None:
    seen = {v: c for content in contents for v, c in content.seen.items()}
    if all(v * 0x010101 == colour for v, colour in seen.items()):
        return
    known = ", ".join(f"{v} #{seen[v]:06x}" for v in sorted(seen)[:SHOWN])
    more = ", ..." if len(seen) > SHOWN else ""
    problems.note(
        "Masks are read as the numbers that stand for their colours, alike in "
        f"every file: {known}{more}."
    )


def _list_colours(found: Sequence[Survey]) -> str:
    total: dict[int, int] = {}
    for one in found:
        for colour, count in one.counts.items():
            total[colour] = total.get(colour, 0) + count
    common = sorted(total, key=lambda colour: -total[colour])[:SHOWN]
    pixels = max(1, sum(total.values()))
    parts = [
        f"{c >> 16},{c >> 8 & 255},{c & 255} ({100 * total[c] / pixels:.2f} %)"
        for c in common
    ]
    more = f" and {len(total) - SHOWN} more" if len(total) > SHOWN else ""
    return (
        f"Colours of the masks: {'; '.join(parts)}{more}. A classes.txt beside "
        "masks/ names each in a line, `r,g,b name`."
    )
