"""Charts of a regression: predicted against true, and what is left."""

from collections.abc import Iterator, Sequence
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
    figure = _new_figure(titles)
    for axes, t, a in _panels(figure, truth, answer, titles):
        axes.scatter(t, a, s=9, alpha=0.5, color=RIGHT, linewidths=0)
        ends = [np.min([t, a]), np.max([t, a])] if len(t) else [0, 1]
        axes.plot(ends, ends, "--", color=INK, lw=1)
        axes.set(xlabel="true", ylabel="predicted")
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
    figure = _new_figure(titles)
    for axes, t, a in _panels(figure, truth, answer, titles):
        rest = a - t
        axes.scatter(a, rest, s=9, alpha=0.5, color=RIGHT, linewidths=0)
        axes.axhline(0, ls="--", color=INK, lw=1)
        spread = np.std(rest) if len(rest) else 0.0
        for line in (-spread, spread):
            axes.axhline(line, ls=":", color=WRONG, lw=1)
        axes.set(xlabel="predicted", ylabel="predicted - true")
    save(figure, path)


def draw_errors(
    truth: Array, answer: Array, titles: Sequence[str], path: Path
) -> None:
    """Draws how far each value is missed, side by side.

    In percent of the truth; where one is 0, in percent of the standard
    deviation of that value's truths.

    Args:
        truth: Array `(N, K)`, raw units.
        answer: Array `(N, K)`.
        titles: Names and units of the `K` values.
        path: The PNG.
    """
    error = np.asarray(answer, "float64") - truth
    relative = bool((truth != 0).all())
    scale = np.abs(truth) if relative else truth.std(axis=0) + 1e-30
    percent = 100 * error / scale
    figure = new_figure(min(16, 2.5 + 1.1 * len(titles)), 4.4)
    axes = figure.subplots()
    axes.axhline(0, ls="--", color=INK, lw=1)
    axes.boxplot(list(percent.T), whis=(5, 95), sym=".", widths=0.5)
    names = [plain(title, 24) for title in titles]
    axes.set_xticks(range(1, len(names) + 1), names, rotation=30, ha="right")
    what = "the truth" if relative else "the truths' deviation"
    axes.set_ylabel(f"predicted - true, % of {what}")
    axes.set_title("boxes: quartiles; whiskers: 5 % and 95 %", fontsize=9)
    save(figure, path)


def _grid(titles: Sequence[str]) -> tuple[int, int]:
    columns = min(len(titles), PANELS, 3)
    return -(-min(len(titles), PANELS) // columns), columns


def _new_figure(titles: Sequence[str]) -> Any:
    rows, columns = _grid(titles)
    return new_figure(4.4 * columns, 4.2 * rows)


def _panels(
    figure: Any, truth: Array, answer: Array, titles: Sequence[str]
) -> Iterator[tuple[Any, Array, Array]]:
    """Yields the axes of each value, with some of its truths and answers."""
    count = len(truth)
    some = np.linspace(0, count - 1, min(count, MOST)).round().astype(int)
    panels = figure.subplots(*_grid(titles), squeeze=False)
    for place, axes in enumerate(panels.flat):
        if place >= len(titles):
            axes.set_axis_off()
            continue
        axes.tick_params(axis="x", rotation=30)
        axes.set_title(plain(titles[place], 40), fontsize=10)
        yield axes, truth[some, place], answer[some, place]
