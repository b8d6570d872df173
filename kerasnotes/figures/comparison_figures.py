"""Pictures of several generators side by side."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.figures.canvas import new_figure, save
from kerasnotes.figures.names import plain
from kerasnotes.figures.sample_grid import tile

SHOWN = 12
"""Examples in a row."""


def draw_rows(rows: Mapping[str, Array], path: Path) -> None:
    """Draws a row of examples for each generator, its name beside it.

    Args:
        rows: By name pictures `(N, H, W[, 3])`, uint8; 12 are shown.
        path: The PNG.
    """
    strips = [tile(pictures[:SHOWN], SHOWN) for pictures in rows.values()]
    height, width = strips[0].shape[:2]
    wide = 8.0
    figure = new_figure(wide + 1.6, len(strips) * (wide * height / width + 0.1))
    axes = np.atleast_1d(figure.subplots(len(strips), 1))
    for axis, name, strip in zip(axes, rows, strips, strict=True):
        axis.imshow(strip, cmap="gray", vmin=0, vmax=255)
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
        axis.set_ylabel(
            plain(name, 20), rotation=0, ha="right", va="center", fontsize=9
        )
    save(figure, path)
