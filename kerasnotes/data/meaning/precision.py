"""Whether a model, which computes in float32, can tell a column's values.

Float32 holds seven digits. Of `1.7e9 + 0 .. 49`, seconds of a clock, nothing
is left: whatever a model is given, in training, by an exported file or over
the wire, is float32. So such a column is refused, not trained on unseen.
"""

from collections.abc import Mapping

import numpy as np

from kerasnotes.data.dataset import Array
from kerasnotes.data.problems import Problems

MOST_LOST = 0.01
"""Rounding to float32, of the standard deviation, that does not matter."""
EXACT = 2.0**53
"""From here on float64 has lost digits before anything is asked."""
FEW = 100
"""One of so many is looked at first."""
LARGEST = float(np.finfo("float32").max)
TINIEST = float(np.finfo("float32").tiny)
SMALLEST = 1e-6
"""Deviation that the model's standardization takes for none."""


def check(
    columns: Mapping[str, Array],
    problems: Problems,
    also: str = "here and in what the model is asked",
) -> None:
    """Adds a problem for every column that float32 would blur.

    Args:
        columns: Numbers by name, `(N,)` each, as the source holds them.
        problems: Told of each column.
        also: Where to subtract a number, if that is the way out.
    """
    for name, values in columns.items():
        fault = _fault(np.ascontiguousarray(values, "float64"), also)
        if fault:
            problems.add("lost digits", f"column {name}", fault)


def _fault(values: Array, also: str) -> str:
    if not len(values):
        return ""
    # NaN stays NaN.
    low, high = float(values.min()), float(values.max())
    largest = max(abs(low), abs(high))
    if not largest <= LARGEST or _is_plain(values, largest):
        # Infinite in float32: refused as such.
        return ""
    deviation = float(values.std())
    if largest >= EXACT and deviation <= MOST_LOST * largest:
        return f"whole numbers up to {largest:.3g} lose digits"
    if deviation == 0:
        return ""
    if largest < TINIEST:
        return f"float32 holds nothing as small as {largest:.3g}: multiply it"
    lost = values - values.astype("float32")
    if np.sqrt(np.mean(lost**2)) > MOST_LOST * deviation:
        step = np.spacing(np.float32(largest))
        return (
            f"at {largest:.4g} float32 goes by steps of {step:.2g}, but the "
            f"values' deviation is {deviation:.3g}: subtract {_round(low)}, "
            f"{also}"
        )
    # A column of zeros and one small number is another matter.
    if deviation <= SMALLEST and high - low <= 100 * SMALLEST:
        return (
            f"its values differ by {high - low:.2g} only: give them in a "
            "smaller unit"
        )
    return ""


def _is_plain(values: Array, largest: float) -> bool:
    """Returns whether a few of them tell that float32 holds them all.

    What a few deviate from their mean by, all deviate by in sum: of every
    hundredth, the deviation is at most ten times that of all. And nothing is
    rounded by more than half a step at the largest.
    """
    least = float(values[::FEW].std()) / FEW**0.5
    lost = largest * 2.0**-24
    return largest < EXACT and lost <= MOST_LOST * least and least > SMALLEST


def _round(value: float) -> str:
    return f"{np.floor(value):.0f}" if abs(value) >= 1 else f"{value:g}"
