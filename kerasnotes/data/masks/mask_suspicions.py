"""Values of masks that are hardly classes: soft edges, instance numbers.

Both are told from classes by the shape of what they cover. An edge's value
has few pixels with equal neighbours; an instance is one piece, and its
number means nothing in another mask.
"""

import math
from collections import Counter
from collections.abc import Sequence

from kerasnotes.data.masks.mask_survey import Survey

EDGE = 0.35
"""Part of a value's pixels with equal neighbours, below which it is an edge.

A square of 3x3 pixels has 0.44, a line of one pixel's width next to none.
"""
APART = 64
"""Grey values between the two sides of an edge, at least."""
PICTURE = 64
"""So many values along edges, and one at most that is none, are no mask."""
SLOPES = 0.8
"""Part of many values along edges, from which none of them is a class."""
SINGLE = 0.7
"""Part of the values that only one mask holds, from which they number."""
SEEN = 0.6
"""Part of the numbers counted to that a mask holds, at least."""
NUMBERS = 5
"""Instances in the fullest mask, at least, to be taken for counted ones."""
FEW = 3
"""The same, to be asked about."""
LIKE, RATIO, STEADY = 8, 3.0, 0.05
"""Masks of one count, at least, whose numbers are compared; Fisher's F, above
which they differ in size (95 % of equal ones are below); and the deviation of
a size, of 1, below which it is drawn, not met."""
MANY = 16
"""Values that are hardly classes without a name: each in one piece, or along
edges that are half of all."""


def soft_edges(found: Sequence[Survey]) -> str | None:
    """Says so if most values lie along edges only, as of a JPEG.

    Returns:
        What is wrong and what to do, or `None`.
    """
    counts, level = _add(found, "counts"), _add(found, "level")
    if set(counts) - {255} <= set(range(min(APART, len(counts)))):
        # Labels from 0 on, and void perhaps: thin lines are no edges.
        return None
    edges = {v for v, n in counts.items() if level[v] < EDGE * n}
    solid = sorted(set(counts) - edges)
    hurt = sum(1 for one in found if edges & set(one.counts))
    if 2 * hurt < len(found):
        # One odd file is named by what it holds, not by what it might be.
        return None
    most = _part(edges, counts) > 0.5
    if len(edges) > (MANY if most else PICTURE) and (most or len(solid) < 2):
        return _blurred(counts, "a picture or a map of heat, no mask")
    meaning = f"{len(edges)} of them along edges only: soft edges"
    meaning += " (JPEG, or smoothed)"
    if _are_slopes(edges, counts):
        return _blurred(counts, meaning)
    if most or len(solid) < 2 or solid[-1] - solid[0] < APART:
        return None
    between = [v for v in edges if solid[0] < v < solid[-1]]
    if len(between) < max(2, len(solid) - 2):
        return None
    return _blurred(counts, meaning)


def _are_slopes(edges: set[int], counts: Counter[int]) -> bool:
    """Returns whether nearly all values are edges: objects without a plain.

    Of discs that are blurred as wide as they are, only the ground is left.
    """
    apart = max(counts) - min(counts) >= APART
    return apart and len(edges) > max(MANY, SLOPES * len(counts))


def _blurred(counts: Counter[int], meaning: str) -> str:
    values, level = len(counts), 128
    if not min(counts) < level <= max(counts) <= 255:
        level = (min(counts) + max(counts) + 1) // 2
    return (
        f"{values} grey values, {meaning}; not {values} classes: "
        f"--threshold {level} makes two classes, by brightness; if they are "
        "classes, list every one in a classes.txt"
    )


def instances(found: Sequence[Survey]) -> str | None:
    """Says so if values number objects instead of naming kinds of them.

    Returns:
        What is wrong and what to do, or `None`.
    """
    objects = [set(s.counts) - {0} for s in found]
    objects = [values for values in objects if values]
    masks = Counter(value for values in objects for value in values)
    single = sum(1 for count in masks.values() if count == 1)
    if len(objects) < 2 or len(masks) < 3:
        return None
    if single >= SINGLE * len(masks):
        return _numbered(len(masks), f"{single} of them in one mask only")
    if _counted(objects) and _whole(found):
        most = max(map(len, objects))
        return _numbered(len(masks), f"counted from 1 up to {most} in a mask")
    sizes = {len(values) for values in objects}
    if len(masks) >= MANY and len(sizes) > 1 and _whole(found):
        return _numbered(len(masks), "each in one piece")
    return None


def few_instances(found: Sequence[Survey]) -> str | None:
    """Returns a remark on masks that count from 1, but only to a few.

    Classes may look so, too.
    """
    objects = [set(s.counts) - {0} for s in found]
    objects = [values for values in objects if values]
    most = max(map(len, objects), default=0)
    whole = all(v == set(range(1, len(v) + 1)) for v in objects)
    if most < FEW or not whole or not _whole(found):
        return None
    if _counted(objects, FEW):
        how = f"to {most} at most, each number in one piece"
    elif len({len(values) for values in objects}) == 1 and _alike(found):
        how = f"to {most}, each number in one piece as large as the others'"
    else:
        return None
    return (
        f"Every mask counts from 1, {how}: they are read as classes. If they "
        "number objects: --instances."
    )


def _alike(found: Sequence[Survey]) -> bool:
    """Returns whether the pieces of one number are as large as of another.

    Those of a class have its size, as organs do: the variance of logarithms
    between numbers is then many times that within them (Fisher's F).

    Args:
        found: Masks that all hold the same numbers; those of nothing aside.
    """
    sizes = [
        [math.log(one.counts[value]) for value in sorted(one.counts) if value]
        for one in found
        if set(one.counts) - {0}
    ]
    if len(sizes) < LIKE:
        return False
    masks, numbers = len(sizes), len(sizes[0])
    means = [sum(column) / masks for column in zip(*sizes, strict=True)]
    mean = sum(means) / numbers
    between = masks * sum((one - mean) ** 2 for one in means) / (numbers - 1)
    within = sum(
        (size - one) ** 2
        for row in sizes
        for size, one in zip(row, means, strict=True)
    ) / (numbers * (masks - 1))
    return bool(within > STEADY**2 and between < RATIO * within)


def _counted(objects: Sequence[set[int]], least: int = NUMBERS) -> bool:
    """Returns whether each mask counts from 1 on; some may be hidden."""
    sizes = {len(values) for values in objects}
    dense = all(len(v) >= SEEN * max(v) for v in objects if min(v) > 0)
    counted = dense and min(map(min, objects)) == 1
    return counted and len(sizes) > 1 and max(sizes) >= least


def _whole(found: Sequence[Survey]) -> bool:
    """Returns whether nearly every value of a mask is one piece."""
    pieces = [n for s in found for v, n in s.pieces.items() if v != 0]
    return bool(pieces) and pieces.count(1) >= 0.9 * len(pieces)


def _numbered(values: int, meaning: str) -> str:
    return (
        f"{values} values beside 0, {meaning}: instance numbers, as it seems; "
        "--instances joins them to one class; if they are classes, name "
        "every one with --classes or in a classes.txt"
    )


def _add(found: Sequence[Survey], field: str) -> Counter[int]:
    total: Counter[int] = Counter()
    for one in found:
        total.update(getattr(one, field))
    return total


def _part(values: set[int], counts: Counter[int]) -> float:
    return sum(counts[value] for value in values) / max(1, counts.total())
