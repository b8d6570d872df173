"""Paths of optimizers on surfaces, and the loss around trained weights."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.figures.canvas import INK, new_figure, save

LEVELS = 24


@dataclasses.dataclass(frozen=True)
class Drawn:
    """One surface with what walked on it.

    Args:
        title: What it shows.
        axis: Coordinates along either side, `(P,)`.
        heights: `(P, P)`, rows by the second coordinate.
        paths: Places `(S, 2)` by name.
    """

    title: str
    axis: Array
    heights: Array
    paths: Mapping[str, Array]


def draw_paths(panels: Sequence[Drawn], path: Path) -> None:
    """Draws contours, and over them each path from its start to its end.

    Args:
        panels: The surfaces.
        path: The PNG.
    """
    from matplotlib import colormaps

    across = min(2, len(panels))
    down = -(-len(panels) // across)
    figure = new_figure(5.4 * across, 4.8 * down + 0.5)
    grid = figure.subplots(down, across, squeeze=False)
    for axes, panel in zip(grid.flat, panels, strict=False):
        low = panel.heights.min()
        # Levels close where it is flat: as squares, from the lowest.
        levels = low + np.ptp(panel.heights) * np.linspace(0, 1, LEVELS) ** 2
        axes.contour(
            panel.axis,
            panel.axis,
            panel.heights,
            levels,
            cmap="Greys_r",
            linewidths=0.6,
        )
        for number, (name, places) in enumerate(panel.paths.items()):
            shade = colormaps["tab10"](number % 10)
            axes.plot(*places.T, color=shade, lw=1.3, label=name)
            axes.plot(*places[-1], "o", color=shade, ms=5)
        start = next(iter(panel.paths.values()))[0]
        axes.plot(*start, "x", color=INK, ms=8)
        half = panel.axis[-1]
        axes.set(xlim=(-half, half), ylim=(-half, half), title=panel.title)
    handles, names = grid.flat[0].get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside lower center", ncols=5, frameon=False
    )
    save(figure, path)


def draw_loss_surface(
    axis: Array, losses: Array, title: str, path: Path
) -> None:
    """Draws losses around trained weights: from above, and as a cut.

    Args:
        axis: Distances along either direction, `(P,)`.
        losses: `(P, P)`.
        title: Over it.
        path: The PNG.
    """
    figure = new_figure(10.5, 4.6)
    left, right = figure.subplots(1, 2)
    shown = np.log10(np.maximum(losses, 1e-12))
    filled = left.contourf(axis, axis, shown, LEVELS, cmap="viridis")
    left.plot(0, 0, "x", color="white", ms=8)
    left.set(xlabel="first direction", ylabel="second direction")
    figure.colorbar(filled, ax=left, label="log10 of the loss")
    middle = len(axis) // 2
    right.plot(axis, losses[middle], label="first direction")
    right.plot(axis, losses[:, middle], label="second direction")
    right.set(xlabel="distance, in lengths of the weights", ylabel="loss")
    right.set_yscale("log")
    right.legend(frameon=False)
    figure.suptitle(title, fontsize=10)
    save(figure, path)
