"""Whether pixels can be on the scale of those that a model was trained on."""

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.spec import Spec

MANY = 16
"""Whole numbers up to so much are brightnesses, no longer yes and no."""


def check_values(x: Array, spec: Spec, name: str) -> None:
    """Raises a `DataError` unless pixels may be on the model's scale.

    Args:
        x: Raw values `(N, H, W, C)`; missing ones are `nan`.
        spec: What the model was trained on; only images have a scale.
        name: What the pixels are of, for the message.
    """
    if spec.input.kind != "image" or x.size == 0:
        return
    if x.dtype.kind == "f" and np.isnan(x).all():
        return
    low, high = float(np.nanmin(x)), float(np.nanmax(x))
    # Whole numbers 0 and 1 may be the dark end of any scale.
    parted = x.dtype.kind == "b" or _has_fractions(x)
    if _is_far(low, high, spec) or (parted and _is_unit(low, high, spec)):
        raise _refuse(name, f"{low:g} to {high:g} ({x.dtype})", spec)


def check_range(data: Spec, model: Spec) -> None:
    """Raises a `DataError` unless a data set may be on the model's scale.

    Args:
        data: The data set's description.
        model: What the model was trained on; only images have a scale.
    """
    if model.input.kind != "image":
        return
    typed = data.input.dtype == model.input.dtype and not data.input.value_range
    if typed and model.input.limits[1] > 1:
        # What a type could hold is no sign of what is there.
        return
    low, high = data.input.limits
    if _is_far(low, high, model) or _is_unit(low, high, model):
        raise _refuse(f"The data set `{data.name}`", describe(data), model)


def describe(spec: Spec) -> str:
    """Returns `0 to 255 (uint8)`."""
    low, high = spec.input.limits
    return f"{low:g} to {high:g} ({spec.input.dtype})"


def _is_far(low: float, high: float, spec: Spec) -> bool:
    """Returns whether values are beyond what the scale could hold."""
    least, most = spec.input.limits
    whole = spec.input.dtype.startswith("uint")
    if whole and low < 0:
        return True
    # Measured floats have outliers; a type, and 0 to 1, have none.
    bounded = whole or max(abs(least), abs(most)) <= 1
    return bounded and max(abs(low), abs(high)) > 2 * max(abs(least), abs(most))


def _is_unit(low: float, high: float, spec: Spec) -> bool:
    """Returns whether values look divided, of a model that knows greater."""
    within = -1 <= low and 0 < high <= 1
    return (
        within
        and spec.input.limits[1] >= MANY
        and spec.input.dtype.startswith("uint")
    )


def _has_fractions(x: Array) -> bool:
    known = x[~np.isnan(x)] if x.dtype.kind == "f" else x[:0]
    return bool((known != np.rint(known)).any())


def _refuse(name: str, received: str, spec: Spec) -> DataError:
    return DataError(
        f"{name} is on another scale than the model's.",
        expected=f"values {describe(spec)}, as the model was trained on",
        received=f"values {received}",
        hint="give raw values, as in training; nothing is rescaled silently",
    )
