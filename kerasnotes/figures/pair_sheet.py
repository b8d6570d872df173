"""The picture of pairs of texts: how long both sides are, and some pairs."""

from typing import Any, cast

import numpy as np

from kerasnotes.data.dataset import Dataset, ReadsPairs
from kerasnotes.data.reading import read_batch, spread
from kerasnotes.figures.canvas import INK, RIGHT, hide_axes
from kerasnotes.figures.text_figures import wrapped

MOST = 20_000
"""Pairs counted."""
SHOWN = 12
BINS = 30
SIZE = (10.0, 6.6)
"""Of the picture, inches."""


def draw_pairs(data: Dataset, figure: Any) -> None:
    """Draws lengths, and some pairs of the training part.

    Args:
        data: Pairs; it knows its tokens.
        figure: A figure of `SIZE`.
    """
    split = cast(ReadsPairs, data.train)
    both = read_batch(split, spread(len(split), MOST))
    grid = figure.add_gridspec(2, 2, height_ratios=[2, 5])
    for place, (numbers, name) in enumerate(
        zip(both, ("source", "target"), strict=True)
    ):
        axes = figure.add_subplot(grid[0, place])
        lengths = (np.asarray(numbers) != 0).sum(axis=1)
        axes.hist(lengths, BINS, color=RIGHT)
        axes.set_xlabel(f"tokens of a {name}", fontsize=7)
        axes.tick_params(labelsize=6)
        axes.spines[["top", "right"]].set_visible(False)
    axes = figure.add_subplot(grid[1, :])
    hide_axes(axes)
    axes.set(xlim=(0, 1), ylim=(2 * SHOWN, 0))
    for place, row in enumerate(spread(len(split), SHOWN).tolist()):
        for line, (text, shade) in enumerate(
            ((split.text(row), INK), (split.translation(row), RIGHT))
        ):
            shown = wrapped(text, 150, 1)[0]
            height = 2 * place + 0.8 * line + 0.5
            axes.text(0, height, shown, color=shade, fontsize=7, va="center")
