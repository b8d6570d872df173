"""The chart of a cross-validation: a number's value on each fold."""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.figures.canvas import INK, new_figure, save
from kerasnotes.figures.names import plain

PANELS = 4
"""Numbers that have a chart of their own: the first ones."""


@dataclasses.dataclass(frozen=True)
class Validated:
    """What was trained on all folds but one, again and again.

    Args:
        name: What it was.
        folds: Number of the fold of each, from 1.
        scores: By the number's name: each one's on its fold, `(F,)`.
    """

    name: str
    folds: Sequence[int]
    scores: Mapping[str, Array]


def draw_folds(groups: Sequence[Validated], path: Path) -> None:
    """Draws a point a fold; beside them their mean and deviation.

    Args:
        groups: One or several, with the same numbers.
        path: The PNG.
    """
    names = list(groups[0].scores)[:PANELS]
    last = max(max(group.folds) for group in groups)
    columns = min(2, len(names))
    rows = -(-len(names) // columns)
    figure = new_figure(5.0 * columns, 3.2 * rows + 0.3)
    panels = figure.subplots(rows, columns, squeeze=False)
    for axes, name in zip(panels.flat, names, strict=False):
        axes.set_title(plain(name, 40), fontsize=10)
        for number, group in enumerate(groups):
            aside = 0.12 * (number - (len(groups) - 1) / 2)
            places = np.asarray(group.folds) + aside
            _draw_group(axes, group, name, places, last + 1 + number)
        beside = last + 1 + (len(groups) - 1) / 2
        ticks = range(1, last + 1)
        axes.set_xticks([*ticks, beside], [*map(str, ticks), "mean"])
        axes.set_xlabel("fold")
        axes.axvline(last + 0.5, color=INK, lw=0.6)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in panels.flat[len(names) :]:
        axes.set_axis_off()
    figure.suptitle("each fold by who did not learn it; bars: deviation")
    if len(groups) > 1:
        handles, labels = panels.flat[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower center", ncols=2)
    save(figure, path)


def _draw_group(
    axes: Any, group: Validated, name: str, places: Array, beside: int
) -> None:
    """Draws one group's points at `places`, and `beside` what they sum to."""
    values = np.asarray(group.scores[name])
    [points] = axes.plot(places, values, "o", ms=5)
    colour, mean = points.get_color(), np.mean(values)
    axes.axhline(mean, color=colour, lw=0.8, ls="--")
    spread = [np.std(values, ddof=1)]
    style = {"fmt": "D", "ms": 5, "capsize": 5, "color": colour}
    label = plain(group.name, 30)
    axes.errorbar([beside], [mean], spread, label=label, **style)
