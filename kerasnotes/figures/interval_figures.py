"""Charts of intervals: around the truth, and how even their coverage is."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.figures.canvas import INK, RIGHT, WRONG, new_figure, save
from kerasnotes.figures.names import plain
from kerasnotes.metrics.interval_scores import inside

MOST = 1_500
"""Examples drawn; more would be a blot."""
PANELS = 6


def draw_intervals(
    truth: Array,
    answer: Mapping[str, Array],
    titles: Sequence[str],
    path: Path,
    along: tuple[str, Array] | None = None,
) -> None:
    """Draws intervals as a band, truths outside of it in another colour.

    Args:
        truth: Array `(N, K)`, raw units.
        answer: `values`, `low` and `high`, arrays `(N, K)`.
        titles: Names and units of the `K` values.
        path: The PNG.
        along: Name and values `(N,)` of the input to draw them along; by
            default they stand in the order of what is answered.
    """
    shown = min(len(titles), PANELS)
    figure = new_figure(5.2 * min(shown, 3), 4.2 * -(-shown // 3))
    panels = figure.subplots(-(-shown // 3), min(shown, 3), squeeze=False)
    some = np.linspace(0, len(truth) - 1, min(len(truth), MOST)).astype(int)
    for k, axes in enumerate(panels.flat):
        if k >= shown:
            axes.set_axis_off()
            continue
        value, low, high, true = (
            part[some, k]
            for part in (*(answer[n] for n in ("values", "low", "high")), truth)
        )
        place, name = value, "answer"
        if along is not None:
            name, place = along[0], along[1][some]
        order = np.argsort(place, kind="stable")
        axes.fill_between(
            place[order], low[order], high[order], alpha=0.25, lw=0, color=RIGHT
        )
        axes.plot(place[order], value[order], color=INK, lw=1)
        held = inside(true, low, high)
        for which, colour in ((held, RIGHT), (~held, WRONG)):
            axes.scatter(place[which], true[which], s=7, color=colour, lw=0)
        axes.set_title(plain(titles[k], 40), fontsize=10)
        axes.set(xlabel=plain(name, 40), ylabel="truth")
    save(figure, path)


def draw_coverage(
    quarters: Mapping[str, Array], wanted: float, path: Path
) -> None:
    """Draws the coverage in each quarter of each input.

    Args:
        quarters: Four numbers by the input's name.
        wanted: What intervals are to hold.
        path: The PNG.
    """
    figure = new_figure(6.4, 4.2)
    axes = figure.subplots()
    for name, held in list(quarters.items())[:PANELS]:
        axes.plot(range(1, len(held) + 1), held, "o-", label=plain(name, 24))
    axes.axhline(wanted, ls="--", color=INK, lw=1)
    axes.set_xticks(range(1, 5), ["lowest", "second", "third", "highest"])
    axes.set(xlabel="quarter of the input", ylabel="part inside")
    lowest = min([wanted, *(float(held.min()) for held in quarters.values())])
    axes.set_ylim(max(0.0, lowest - 0.1), 1.01)
    axes.legend(fontsize=8)
    save(figure, path)
