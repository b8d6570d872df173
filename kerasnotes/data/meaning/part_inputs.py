"""Whether the inputs of parts, `train` and others, can be of one data set."""

from collections.abc import Mapping

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.base.types import Array

_TOPS = (1, 255, 65535)
"""The largest values that pixels of one range have."""


def check_shapes(parts: Mapping[str, Array], name: str) -> None:
    """Compares inputs `(N, ...)` by part.

    Raises:
        DataError: If they differ in shape, but for the number.
    """
    if len({x.shape[1:] for x in parts.values()}) > 1:
        told = [
            f"{part}: {x.dtype} of shape {x.shape}" for part, x in parts.items()
        ]
        raise DataError(
            f"The inputs of {name} differ in shape by part.",
            expected="equal shapes in every part, but for the number",
            received="; ".join(told),
        )


def check_scales(parts: Mapping[str, Array], name: str) -> None:
    """Compares the ranges of inputs, `(N, ...)` by part, the first training.

    Pixels of 0 to 255 beside pixels of 0 to 1 would be trained on, and then
    measured as if all of them were black.

    Args:
        parts: Numbers as the source has them, all of them or a sample.
        name: What the set is called, for messages.

    Raises:
        DataError: If they are not on one scale.
    """
    if len(parts) < 2:
        return
    first, *others = parts
    ends = {part: _ends(x) for part, x in parts.items()}
    for other in others:
        if _differ(parts[first], parts[other], ends[first], ends[other]):
            raise DataError(
                f"The inputs of {name} {other} are on another scale than the "
                "training's.",
                expected="one range of values in every part",
                received="; ".join(
                    f"{part}: {parts[part].dtype}, {low:g} to {high:g}"
                    for part, (low, high) in ends.items()
                ),
                hint="bring all parts to the range that the model will be "
                "asked in",
            )


def _ends(x: Array) -> tuple[float, float]:
    """Returns the smallest and the largest value that is a number."""
    if x.dtype.kind not in "biuf" or not x.size:
        return 0.0, 0.0
    low, high = np.fmin.reduce(x, axis=None), np.fmax.reduce(x, axis=None)
    return float(low), float(high)


def _differ(
    first: Array,
    other: Array,
    ends: tuple[float, float],
    other_ends: tuple[float, float],
) -> bool:
    small, large = sorted(
        max(abs(low), abs(high)) for low, high in (ends, other_ends)
    )
    if not np.isfinite(large):
        return False
    kinds = {x.dtype.kind for x in (first, other)}
    if first.ndim < 3 and not ("f" in kinds and len(kinds) > 1):
        # Rows of measured numbers may well be small in one part.
        return False
    if small <= _TOPS[0] and large > 2:
        return True
    typed = first.ndim > 2 and first.dtype != other.dtype
    return typed and small <= _TOPS[1] and large > 2 * _TOPS[1]
