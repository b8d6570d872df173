"""What tokens look at: a matrix for every block and head."""

from pathlib import Path

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.figures.canvas import new_figure, save
from kerasnotes.figures.names import plain

BLOCKS, HEADS = 4, 6
"""That are shown, at most: the first ones of each."""


def draw_attention(maps: Array, name: str, path: Path) -> None:
    """Draws the weights of one example, a row of panels a block.

    Args:
        maps: Array `(L, N, T, S)`, weights of blocks and heads.
        name: What to call the example.
        path: The PNG.
    """
    shown = np.asarray(maps, "float32")[:BLOCKS, :HEADS]
    blocks, heads, queries, keys = shown.shape
    figure = new_figure(max(5.0, 1.9 * heads + 0.9), 2.0 * blocks + 0.9)
    grid = figure.subplots(blocks, heads, squeeze=False)
    largest = float(shown.max()) or 1.0
    for block, panels in enumerate(grid):
        for head, axes in enumerate(panels):
            picture = axes.imshow(
                shown[block, head],
                vmin=0,
                vmax=largest,
                cmap="magma",
                interpolation="nearest",
                aspect="auto",
            )
            axes.tick_params(labelsize=6)
            axes.set_xticks(sorted({0, keys - 1}))
            axes.set_yticks(sorted({0, queries - 1}))
            if block == 0:
                axes.set_title(f"head {head + 1}", fontsize=8)
            if head == 0:
                axes.set_ylabel(f"block {block + 1}", fontsize=8)
    bar = figure.colorbar(picture, ax=grid, shrink=0.8)
    bar.ax.tick_params(labelsize=6)
    bar.set_label("part taken", fontsize=8)
    # Of many blocks or heads the first stand for all.
    title = f"who (down) looks at whom (across), {plain(name, 40)}"
    figure.suptitle(title, fontsize=9)
    save(figure, path)
