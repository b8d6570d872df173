"""Pictures of forecasts: over the truth, by step ahead, and alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.fields import BAND
from kerasnotes.figures.canvas import INK, RIGHT, WRONG, new_figure, save
from kerasnotes.figures.names import plain

Ends = tuple[Array, Array] | None
PANELS = 6
"""Columns that have a panel of their own."""
PAST = 2
"""Horizons of the past that are shown, at most."""


def draw_over_truth(
    past: Array,
    truth: Array,
    answer: Array,
    titles: Sequence[str],
    names: Sequence[str],
    path: Path,
    ends: Ends = None,
) -> None:
    """Draws forecasts over what came: a row of panels a window.

    Args:
        past: Windows `(B, T, K)` of the forecast columns, raw units.
        truth: What followed, `(B, H, K)`.
        answer: What was forecast, `(B, H, K)`.
        titles: Names and units of the `K` columns.
        names: What to call the windows.
        path: The PNG.
        ends: Of the bands, what is added to a forecast, `(H, K)` twice.
    """
    columns = min(len(titles), PANELS)
    rows = max(1, len(past))
    figure = new_figure(max(6, 3.4 * columns), 2.1 * rows + 0.5)
    grid = figure.subplots(rows, columns, squeeze=False)
    for row, panels in enumerate(grid):
        for column, axes in enumerate(panels):
            if row >= len(past):
                axes.set_axis_off()
                continue
            _draw_past(axes, past[row, :, column], truth.shape[1])
            ahead = np.arange(1, truth.shape[1] + 1)
            _draw_band(axes, ahead, answer[row, :, column], ends, column)
            axes.plot(ahead, truth[row, :, column], color=INK, lw=1)
            axes.plot(ahead, answer[row, :, column], color=WRONG, lw=1.2)
            if row == 0:
                axes.set_title(plain(titles[column], 30), fontsize=9)
            if column == 0:
                axes.set_ylabel(plain(names[row], 22), fontsize=7)
    title = "forecasts (red) over what came; rows ahead"
    if ends is not None:
        title += f"\nshaded: {BAND:.0%} of the errors on the validation part"
    figure.suptitle(title, fontsize=10)
    save(figure, path)


def _draw_past(axes: Any, past: Array, horizon: int) -> None:
    shown = past[-PAST * horizon :] if horizon > 1 else past
    axes.plot(np.arange(1 - len(shown), 1), shown, color=INK, lw=1)
    axes.axvline(0.5, color=RIGHT, lw=0.8, ls=":")
    axes.tick_params(labelsize=6)


def _draw_band(
    axes: Any, ahead: Array, answer: Array, ends: Ends, column: int
) -> None:
    if ends is None:
        return
    low, high = (answer + end[:, column] for end in ends)
    if len(ahead) == 1:
        axes.vlines(ahead, low, high, color=WRONG, alpha=0.4)
        return
    axes.fill_between(ahead, low, high, color=WRONG, alpha=0.18, lw=0)


def draw_by_step(errors: Mapping[str, Array], path: Path) -> None:
    """Draws the error against the step ahead, a line for each forecast.

    Args:
        errors: Mean absolute errors `(H,)` in deviations, by what forecast.
        path: The PNG.
    """
    figure = new_figure(6.4, 4.2)
    axes = figure.subplots()
    for number, (name, error) in enumerate(errors.items()):
        ahead = np.arange(1, len(error) + 1)
        style = {"color": WRONG, "lw": 2} if number == 0 else {"lw": 1.2}
        marker = "o" if len(error) == 1 else None
        axes.plot(ahead, error, label=plain(name), marker=marker, **style)
    axes.set(
        xlabel="rows ahead",
        ylabel="mean absolute error, deviations",
        ylim=(0, None),
    )
    axes.legend(fontsize=8)
    save(figure, path)


def paint_forecast(
    past: Array, answer: Array, titles: Sequence[str], ends: Ends = None
) -> Array:
    """Returns a picture of one forecast, 8-bit RGB `(H, W, 3)`.

    Args:
        past: Window `(T, K)` of the forecast columns, raw units.
        answer: What was forecast, `(H, K)`.
        titles: Names and units of the columns.
        ends: As for `draw_over_truth`.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    count = min(len(titles), PANELS)
    figure = new_figure(6.4, 1.7 * count + 0.4)
    panels = figure.subplots(count, 1, squeeze=False)[:, 0]
    ahead = np.arange(1, len(answer) + 1)
    for column, axes in enumerate(panels):
        _draw_past(axes, past[:, column], len(answer))
        _draw_band(axes, ahead, answer[:, column], ends, column)
        axes.plot(ahead, answer[:, column], color=WRONG, lw=1.4)
        axes.set_title(plain(titles[column], 40), fontsize=8)
    panels[-1].set_xlabel("rows ahead", fontsize=8)
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
