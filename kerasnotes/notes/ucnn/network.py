"""Convolutions along one axis of an image, until nothing is left of it."""

from typing import Literal

from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.notes.ucnn.config import UCNNConfig

Axis = Literal["rows", "columns"]
ORDER: dict[str, tuple[Axis, ...]] = {
    "rows-first": ("rows", "columns"),
    "columns-first": ("columns", "rows"),
    "rows-only": ("rows",),
}
"""Axes folded, by `UCNNConfig.axes`."""


def fold(x: Tensor, axis: Axis, units: int, config: UCNNConfig) -> Tensor:
    """Returns maps whose `axis` has length 1, of `units` channels.

    A long axis is halved by convolutions of stride 2 first; the last kernel
    takes what is left. No weight reaches across the other axis: its places
    are treated alike, and apart from each other.

    Args:
        x: Tensor `(B, H, W, C)`.
        axis: Along which the kernels lie.
        units: Channels at the end.
        config: Sizes.
    """
    place = 1 if axis == "rows" else 2
    filters, number = config.filters, 1
    while x.shape[place] > max(config.whole, config.kernel_size):
        name = f"{axis}_conv{number}"
        x = _conv(x, axis, filters, config.kernel_size, 2, name, config)
        filters, number = min(2 * filters, 4 * config.filters), number + 1
    return _conv(x, axis, units, x.shape[place], 1, f"{axis}_whole", config)


def _conv(
    x: Tensor,
    axis: Axis,
    filters: int,
    size: int,
    stride: int,
    name: str,
    config: UCNNConfig,
) -> Tensor:
    along, strides = (size, 1), (stride, 1)
    if axis == "columns":
        along, strides = along[::-1], strides[::-1]
    x = layers.Conv2D(filters, along, strides=strides, name=name)(x)
    return layers.Activation(config.activation, name=f"{name}_activation")(x)


def dense(x: Tensor, config: UCNNConfig) -> Tensor:
    """Returns features `(B, units)` of features `(B, D)`."""
    for number in range(1, config.depth + 1):
        name = f"dense{number}"
        y = layers.Dense(config.units, name=name)(x)
        y = layers.Activation(config.activation, name=f"{name}_activation")(y)
        # Of the same size from the second on.
        x = y if number == 1 else layers.Add(name=f"{name}_add")([x, y])
    return x
