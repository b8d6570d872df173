"""Charts of a regression: predicted against true, and what is left."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.figures.canvas import INK, RIGHT, WRONG, new_figure, save
from kerasnotes.figures.names import plain

MOST = 3_000
"""Points drawn; more would be a blot."""
PANELS = 6
"""Values that have a chart of their own."""


def draw_against_truth(
    truth: Array, answer: Array, titles: Sequence[str], path: Path
) -> None:
    """Draws answers against the truth, one chart a value.

    Args:
        truth: Array `(N, K)`, raw units.
        answer: Array `(N, K)`.
        titles: Names and units of the `K` values.
        path: The PNG.
    """
    rows = _some(len(truth))
    figure, panels = _panels(titles)
    for axes, place in zip(panels, range(len(titles)), strict=False):
        t, a = truth[rows, place], answer[rows, place]
        axes.scatter(t, a, s=9, alpha=0.5, color=RIGHT, linewidths=0)
        ends = [np.min([t, a]), np.max([t, a])] if len(t) else [0, 1]
        axes.plot(ends, ends, "--", color=INK, lw=1)
        axes.set(xlabel="true", ylabel="predicted")
        axes.tick_params(axis="x", rotation=30)
        axes.set_title(plain(titles[place], 40), fontsize=10)
    save(figure, path)


def draw_residuals(
    truth: Array, answer: Array, titles: Sequence[str], path: Path
) -> None:
    """Draws predicted minus true against predicted, one chart a value.

    Args:
        truth: Array `(N, K)`, raw units.
        answer: Array `(N, K)`.
        titles: Names and units of the `K` values.
        path: The PNG.
    """
    rows = _some(len(truth))
    figure, panels = _panels(titles)
    for axes, place in zip(panels, range(len(titles)), strict=False):
        a = answer[rows, place]
        rest = a - truth[rows, place]
        axes.scatter(a, rest, s=9, alpha=0.5, color=RIGHT, linewidths=0)
        axes.axhline(0, ls="--", color=INK, lw=1)
        spread = np.std(rest) if len(rest) else 0.0
        for line in (-spread, spread):
            axes.axhline(line, ls=":", color=WRONG, lw=1)
        axes.set(xlabel="predicted", ylabel="predicted - true")
        axes.tick_params(axis="x", rotation=30)
        axes.set_title(plain(titles[place], 40), fontsize=10)
    save(figure, path)


def _panels(titles: Sequence[str]) -> tuple[Any, list[Any]]:
    count = min(len(titles), PANELS)
    columns = min(count, 3)
    rows = -(-count // columns)
    figure = new_figure(4.4 * columns, 4.2 * rows)
    panels = figure.subplots(rows, columns, squeeze=False)
    for axes in list(panels.flat)[count:]:
        axes.set_axis_off()
    return figure, list(panels.flat)


def _some(count: int) -> Array:
    return np.linspace(0, count - 1, min(count, MOST)).round().astype(int)
