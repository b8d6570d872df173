"""A network whose edges are functions: each drawn as a curve on its edge.

Inputs stand below, the answer above. A curve is as dark as its edge is
strong: how much what it says varies, beside the strongest of its layer.

Reference:
    Liu et al., 2024, figures 2.4 and 4.1. https://arxiv.org/abs/2404.19756
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.edge_curves import EdgeCurves
from kerasnotes.figures.canvas import INK, new_figure, save
from kerasnotes.figures.names import plain

MOST = 12
"""Nodes of a layer that are drawn: the first ones."""
FAINTEST = 0.04
"""Of a curve, so that what says nothing can still be seen to be there."""
BOX = 0.62
"""Side of a curve's box, over the space that there is for it."""


def draw_edges(
    layers: Sequence[EdgeCurves],
    inputs: Sequence[str],
    outputs: Sequence[str],
    path: Path,
) -> None:
    """Draws the whole network.

    Args:
        layers: From the inputs to the answer.
        inputs: Their names.
        outputs: Names of what is answered.
        path: The PNG.
    """
    # Two sums that are multiplied make one node.
    sizes = [*(layer.x.shape[1] for layer in layers), layers[-1].y.shape[2]]
    shown = [min(size, MOST) for size in sizes]
    edges = max(a * b for a, b in zip(shown[:-1], shown[1:], strict=True))
    width = min(22.0, max(5.0, 0.75 * edges))
    figure = new_figure(width, 2.3 * len(layers) + 0.8)
    axes = figure.subplots()
    axes.set_xlim(0, 1)
    axes.set_ylim(-0.25, len(layers) + 0.2)
    axes.axis("off")
    for level, layer in enumerate(layers):
        _draw_layer(axes, layer, level, shown[level], sizes[level + 1])
    for level, count in enumerate(shown):
        at = _places(count)
        axes.plot(at, [level] * count, "o", color=INK, markersize=4)
    for names, level, count, shift in (
        (inputs, 0, shown[0], -0.07),
        (outputs, len(layers), shown[-1], 0.07),
    ):
        for place, name in zip(_places(count), names, strict=False):
            side = "top" if shift < 0 else "bottom"
            axes.text(
                place, level + shift, plain(name, 18), ha="center", va=side,
                fontsize=8,
            )  # fmt: skip
    figure.suptitle(_title(sizes, shown), fontsize=9)
    save(figure, path)


def _draw_layer(
    axes: Any, layer: EdgeCurves, level: int, inputs: int, nodes: int
) -> None:
    units = min(MOST, layer.y.shape[2])
    products = layer.y.shape[2] - nodes
    sums = nodes - products
    below, above = _places(inputs), _places(min(nodes, MOST))
    ends = [o if o < sums else sums + (o - sums) // 2 for o in range(units)]
    for end in {end for end in ends if end >= sums}:
        axes.text(above[end] + 0.012, level + 1, "x", va="center", fontsize=9)
    boxes = _places(inputs * units)
    side = BOX / (inputs * units)
    strongest = float(layer.strength.max()) or 1.0
    for i in range(inputs):
        for o in range(units):
            part = float(layer.strength[i, o]) / strongest
            shade = FAINTEST + (1 - FAINTEST) * min(part, 1.0)
            middle = boxes[i * units + o]
            line = {"color": INK, "alpha": shade, "linewidth": 1.0}
            axes.plot([below[i], middle], [level, level + 0.36], **line)
            axes.plot(
                [middle, above[ends[o]]], [level + 0.64, level + 1], **line
            )
            x = _spread(layer.x[:, i], middle - side / 2, side)
            y = _spread(layer.y[:, i, o], level + 0.38, 0.24)
            axes.plot(x, y, color=INK, alpha=shade, linewidth=1.6)


def _spread(values: Array, start: float, length: float) -> Array:
    """Returns values moved and stretched to fill a space."""
    low, high = values.min(), values.max()
    if high - low <= 0:
        return np.full(len(values), start + length / 2)
    spread: Array = start + length * (values - low) / (high - low)
    return spread


def _places(count: int) -> Array:
    """Returns the middles of `count` equal parts of 0 to 1."""
    return (np.arange(count) + 0.5) / count


def _title(sizes: Sequence[int], shown: Sequence[int]) -> str:
    title = "each edge's function, as dark as it is strong"
    if list(sizes) != list(shown):
        whole = "-".join(map(str, sizes))
        title += f"; the first {MOST} nodes of layers of {whole}"
    return title
