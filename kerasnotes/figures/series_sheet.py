"""The picture of a series: every column over time, its parts in colours."""

from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.inputs import main_input
from kerasnotes.data.series.windows import WindowSplit
from kerasnotes.data.splitting import PARTS
from kerasnotes.figures.canvas import INK, RIGHT, WRONG
from kerasnotes.figures.names import plain

PANELS = 10
"""Columns drawn; further ones are left out."""
BINS = 1_200
"""Places across; of the rows in each, least and largest are drawn."""
COLOURS = dict(zip(PARTS, (INK, RIGHT, WRONG), strict=True))


def size(data: Dataset) -> tuple[float, float]:
    """Returns width and height of the picture, inches."""
    count = min(PANELS, len(data.spec.input.columns))
    return 12.0, 1.5 * (count + 1) + 0.9


def draw_series(data: Dataset, figure: Any) -> None:
    """Draws each column over the rows, and one window with what follows it.

    Args:
        data: A data set of windows.
        figure: A figure of the size that `size` tells.
    """
    splits = {name: data.split(name) for name in PARTS}
    columns = data.spec.input.columns[:PANELS]
    panels = figure.subplots(len(columns) + 1, 1, squeeze=False)[:, 0]
    for place, (axes, column) in enumerate(zip(panels, columns, strict=False)):
        for name, split in splits.items():
            if isinstance(split, WindowSplit) and split.stop > split.start:
                part = slice(split.start, split.stop)
                at = np.arange(split.start, split.stop)
                if split.stamps is not None:
                    at = split.stamps[part]
                label = name if place == 0 else None
                values = split.values[part, place]
                _draw_values(axes, values, at, COLOURS[name], label)
        axes.set_ylabel(plain(column.title, 18), fontsize=7)
        axes.tick_params(labelsize=6)
    panels[0].legend(fontsize=6, loc="upper left", ncols=3)
    stamped = isinstance(data.train, WindowSplit) and (
        data.train.stamps is not None
    )
    if not stamped:
        panels[len(columns) - 1].set_xlabel("row", fontsize=7)
    _draw_window(panels[-1], data)


def _draw_values(
    axes: Any, values: Array, at: Array, colour: str, label: str | None
) -> None:
    if len(values) <= BINS:
        axes.plot(at, values, color=colour, lw=0.6, label=label)
        return
    edges = np.linspace(0, len(values), BINS + 1).astype(int)[:-1]
    low = np.minimum.reduceat(values, edges)
    high = np.maximum.reduceat(values, edges)
    axes.fill_between(at[edges], low, high, color=colour, lw=0.4, label=label)


def _draw_window(axes: Any, data: Dataset) -> None:
    """Draws the middle training window of what is forecast, standardized."""
    split = data.train
    if not len(split):
        axes.set_axis_off()
        return
    index = len(split) // 2
    x, y = split[index]
    x = main_input(x, data.spec.input)
    ahead = np.arange(1, len(y) + 1)
    for number, column in enumerate(data.spec.target.columns[:PANELS]):
        place = data.spec.input.names.index(column.name)
        past = (x[:, place] - column.mean) / column.deviation
        then = (y[:, number] - column.mean) / column.deviation
        axes.plot(np.arange(1 - len(past), 1), past, color=INK, lw=0.6)
        axes.plot(ahead, then, color=WRONG, lw=0.8)
    axes.axvline(0.5, color=RIGHT, lw=0.8, ls=":")
    axes.set_xlabel(
        f"one example, at {plain(split.name(index), 24)}: the window, and what "
        "is forecast (red), in deviations",
        fontsize=7,
    )
    axes.tick_params(labelsize=6)
