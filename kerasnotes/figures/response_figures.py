"""Frequency responses: those measured, and those of what was identified."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from kerasnotes.base.types import Array
from kerasnotes.figures.canvas import INK, WRONG, new_figure, save
from kerasnotes.figures.names import plain

ACROSS = 3


@dataclasses.dataclass(frozen=True)
class Response:
    """One chart.

    Args:
        name: Of the case.
        measured: Magnitudes `(F,)`, with noise.
        identified: Magnitudes `(F,)`.
        criterion: Of the whole case, 0 to 1.
        where: Which of its responses this is.
    """

    name: str
    measured: Array
    identified: Array
    criterion: float
    where: str


def draw_responses(
    responses: Sequence[Response], frequencies: Array, path: Path
) -> None:
    """Draws the identified system's response over the measured one.

    Args:
        responses: Charts, the worst first.
        frequencies: Hz, `(F,)`.
        path: The PNG.
    """
    across = max(1, min(ACROSS, len(responses)))
    down = max(1, -(-len(responses) // across))
    figure = new_figure(4.4 * across, 3.2 * down + 0.4)
    panels = figure.subplots(down, across, squeeze=False)
    for place, axes in enumerate(panels.flat):
        if place >= len(responses):
            axes.set_axis_off()
            continue
        one = responses[place]
        axes.semilogy(
            frequencies, one.measured, ".", ms=4, color=INK, label="measured"
        )
        axes.semilogy(
            frequencies, one.identified, lw=1.4, color=WRONG, label="identified"
        )
        axes.set_title(
            f"{plain(one.name, 24)}: FRAC {one.criterion:.4f}\n{one.where}",
            fontsize=9,
        )
        axes.set(xlabel="frequency, Hz", ylabel="acceleration / force")
    if responses:
        panels.flat[0].legend(fontsize=8)
    figure.suptitle("From the worst case to the best", fontsize=10)
    save(figure, path)
