"""What spikes cost: how many weights hang on each of a layer's inputs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import layers

from kerasnotes.base.types import Array


def fan_out(layer: Any, shape: Sequence[int]) -> Array:
    """Returns how many weights each input is multiplied by.

    Their sum is the layer's multiply-adds, padding left out.

    Args:
        layer: A dense layer, or a convolution of stride 1, padded to keep
            the size.
        shape: Of one example's input.

    Returns:
        Array of `shape`, float64.
    """
    if isinstance(layer, layers.Dense):
        return np.full(shape, float(layer.units))
    height, width, _ = shape
    rows = windows(height, layer.kernel_size[0])
    columns = windows(width, layer.kernel_size[1])
    places = layer.filters * np.outer(rows, columns)
    return np.broadcast_to(places[..., None], shape).astype("float64")


def windows(size: int, kernel: int) -> Array:
    """Returns in how many places of a kernel each pixel of a line stands.

    Args:
        size: Pixels of the line.
        kernel: Taps, padded to keep the size, the smaller half before.
    """
    first = np.arange(size) - (kernel - 1) // 2
    seen = first[:, None] + np.arange(kernel)
    inside = (seen >= 0) & (seen < size)
    return np.bincount(seen[inside], minlength=size)
