"""Standardizing raw input inside the model, `(x - mean) / std`."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from kerasnotes.base.types import Array, Tensor

RESOLUTION = 1e-8
"""Of a deviation against its mean: less is rounding, of float32 and before."""
PLAIN = 1e-5, 1e15
"""Deviations whose squares float32 holds, and Keras divides by."""


def deviations(mean: Sequence[float], variance: Sequence[float]) -> Array:
    """Returns standard deviations, 1 for what never varied, float64.

    Args:
        mean: One number per channel or column.
        variance: As many numbers, at least 0.
    """
    found = np.sqrt(np.asarray(variance, "float64"))
    varied = found > RESOLUTION * np.abs(np.asarray(mean, "float64"))
    return np.where(varied, found, 1.0)


def standardization(
    mean: Sequence[float], variance: Sequence[float], name: str
) -> Callable[[Tensor], Any]:
    """Returns what standardizes the last axis in float32.

    Statistics of the training part are constants of the layer, so that a
    saved model takes raw pixels and raw columns. A feature that never
    varied is centred and left at its scale, not divided by (almost) zero.
    One of very small or large numbers, farads or years of a star, is brought
    to other units by a layer before it.

    Args:
        mean: One number per channel or column.
        variance: As many numbers, at least 0.
        name: The layer's name.
    """
    spread = deviations(mean, variance)
    # Powers of two: no digit is lost.
    units = np.exp2(-np.rint(np.log2(spread)))
    low, high = PLAIN
    units[(low <= spread) & (spread <= high)] = 1.0
    normalize: Callable[[Tensor], Any] = keras.layers.Normalization(
        axis=-1,
        mean=(np.asarray(mean, "float64") * units).astype("float32"),
        variance=((spread * units) ** 2).astype("float32"),
        dtype="float32",
        name=name,
    )
    if (units == 1.0).all():
        return normalize
    rescale = keras.layers.Rescaling(
        scale=units.tolist(), dtype="float32", name=f"{name}_units"
    )
    return lambda x: normalize(rescale(x))
