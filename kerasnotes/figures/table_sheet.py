"""The picture of a table: a small chart for every column."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import AutoLocator, MaxNLocator

from kerasnotes.base.types import Array
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.fields import Column, Field
from kerasnotes.data.reading import read_batch
from kerasnotes.figures.canvas import RIGHT
from kerasnotes.figures.names import plain

COLUMNS = 4
ROWS = 6
"""Rows of charts; further columns are left out."""
POINTS = 1_000
"""Points of a chart against measured values."""
MOST = 2_000
"""Rows drawn."""
BINS = 30
"""Of a histogram."""
MARGIN = 0.03
"""Free room at either side of a chart, of its width."""
TICKS = 4
"""Numbers along an axis, about."""
BARS = 20
"""Categories of a chart."""


def draw_table(data: Dataset, figure: Any, shades: Array) -> None:
    """Draws columns by class, or against the first measured value.

    Args:
        data: The data set; its training part is drawn.
        figure: A figure of the size that `size` tells.
        shades: A colour for each class.
    """
    split, spec = data.train, data.spec
    some = np.random.default_rng(0).permutation(len(split))[:MOST]
    x, y = read_batch(split, np.sort(some))
    count = min(x.shape[1], COLUMNS * ROWS)
    across = min(COLUMNS, count)
    axes = figure.subplots(-(-count // across), across, squeeze=False)
    for number, axis in enumerate(axes.flat):
        if number >= count:
            axis.set_axis_off()
            continue
        column = spec.input.columns[number]
        _draw_column(axis, x[:, number], column, y, spec.target, shades)
        axis.set_title(plain(column.title), fontsize=8)
        axis.tick_params(labelsize=6)
        for side in (axis.xaxis, axis.yaxis):
            # Texts take most of the time; those of categories are needed.
            if isinstance(side.get_major_locator(), AutoLocator):
                side.set_major_locator(MaxNLocator(TICKS))


def size(field: Field) -> tuple[float, float]:
    """Returns width and height of the picture, inches."""
    count = min(len(field.columns), COLUMNS * ROWS)
    across = min(COLUMNS, count)
    return 3 * across, 2 * -(-count // across) + 0.8


def lay_out(figure: Any, field: Field) -> None:
    """Places charts without numbers at their sides: no text is measured."""
    width, height = size(field)
    # Inches below a chart: names of categories are written aslant.
    below = 0.8 if field.categorical else 0.45
    figure.subplots_adjust(
        left=0.15 / width,
        right=1 - 0.15 / width,
        bottom=(below + 0.25) / height,
        top=1 - 0.65 / height,
        wspace=0.1,
        hspace=(below + 0.15) / 1.2,
    )


def _draw_column(
    axis: Any,
    values: Array,
    column: Column,
    y: Array,
    target: Field,
    shades: Array,
) -> None:
    # NaN and infinity are told as problems; they have no place here.
    good = np.isfinite(values)
    if target.kind == "values":
        good &= np.isfinite(y[:, 0])
        _draw_measured(axis, values[good], column, y[good, 0])
        axis.set_ylabel(plain(target.columns[0].title, 24), fontsize=6)
        return
    # Shapes tell; numbers of rows would take as long to draw as all else.
    axis.set_yticks([])
    groups = [values[good & (y == k)] for k in range(target.num_classes)]
    if not groups:
        groups, shades = [values[good]], np.array([[0.5, 0.5, 0.5]])
    if column.categories:
        _draw_counts(axis, groups, column, shades)
        return
    _draw_stacked(axis, groups, _edges(values[good]), shades)


def _edges(values: Array) -> Array:
    """Returns the ends of a histogram's bins, `(BINS + 1,)`, rising."""
    exact = values.astype("float64")
    try:
        return np.histogram_bin_edges(exact, bins=BINS)
    except ValueError:
        # Between values this large no number has room for a bin.
        low, high = float(exact.min()), float(exact.max())
        room = BINS * float(np.spacing(max(abs(low), abs(high))))
        return np.linspace(low - room, high + room, BINS + 1)


def _draw_stacked(
    axis: Any, groups: Sequence[Array], edges: Array, shades: Array
) -> None:
    """Draws histograms on top of each other, each as one outline.

    `Axes.hist` asks every one for its limits: 0.23 s for 24 charts of five
    classes, where this takes 0.02.
    """
    from matplotlib.collections import PolyCollection

    across = np.repeat(edges, 2)[1:-1]
    below = np.zeros(len(edges) - 1)
    outlines = []
    for values in groups:
        above = below + np.histogram(values, edges)[0]
        there = np.column_stack([across, np.repeat(above, 2)])
        back = np.column_stack([across, np.repeat(below, 2)])[::-1]
        outlines.append(np.concatenate([there, back]))
        below = above
    axis.add_collection(
        PolyCollection(outlines, facecolors=list(shades)), autolim=False
    )
    beside = MARGIN * (edges[-1] - edges[0])
    axis.set_xlim(edges[0] - beside, edges[-1] + beside)
    axis.set_ylim(0, 1.05 * max(below.max(), 1))


def _draw_measured(axis: Any, values: Array, column: Column, y: Array) -> None:
    if not column.categories:
        some = np.linspace(0, len(y) - 1, min(len(y), POINTS)).astype(int)
        axis.scatter(values[some], y[some], s=3, alpha=0.4, color=RIGHT)
        return
    shown = range(min(BARS, len(column.categories)))
    groups = [y[values == k + 1] for k in shown]
    kept = [k for k in shown if len(groups[k])]
    axis.boxplot([groups[k] for k in kept], showfliers=False)
    _name_ticks(axis, [column.categories[k] for k in kept], 1)


def _draw_counts(
    axis: Any, groups: Sequence[Array], column: Column, shades: Array
) -> None:
    shown = min(BARS, len(column.categories))
    below = np.zeros(shown + 1)
    for values, shade in zip(groups, shades, strict=True):
        counts = np.bincount(
            values.astype("int64"), minlength=len(column.categories) + 1
        )[: shown + 1]
        axis.bar(range(shown + 1), counts, bottom=below, color=shade)
        below += counts
    names = ["unknown", *column.categories[:shown]]
    _name_ticks(axis, names, 0)


def _name_ticks(axis: Any, names: Sequence[str], first: int) -> None:
    places = range(first, first + len(names))
    shown = [plain(name, 12) for name in names]
    axis.set_xticks(places, shown, rotation=45, ha="right")
