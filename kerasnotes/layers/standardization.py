"""Standardizing raw input inside the model, `(x - mean) / std`."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np


def standardization(
    mean: Sequence[float], variance: Sequence[float], name: str
) -> Any:
    """Returns a layer that standardizes the last axis in float32.

    Statistics of the training part are constants of the layer, so that a
    saved model takes raw pixels and raw columns. A feature that never
    varied is centred and left at its scale, not divided by (almost) zero.

    Args:
        mean: One number per channel or column.
        variance: As many numbers, at least 0.
        name: The layer's name.
    """
    spread = np.asarray(variance, "float64")
    spread = np.where(spread > 1e-12, spread, 1.0)
    return keras.layers.Normalization(
        axis=-1,
        mean=np.asarray(mean, "float32"),
        variance=spread.astype("float32"),
        dtype="float32",
        name=name,
    )
