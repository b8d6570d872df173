"""The picture of a classification: examples and what they were taken for."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasnotes.base.types import Array
from kerasnotes.figures.canvas import RIGHT, WRONG, hide_axes, new_figure
from kerasnotes.figures.canvas import save as save_figure
from kerasnotes.figures.class_figures import draw_answers
from kerasnotes.figures.names import plain
from kerasnotes.figures.overlay import to_rgb
from kerasnotes.figures.series_lines import as_lines

COLUMNS = 6


@dataclasses.dataclass(frozen=True)
class Answered:
    """One example and its answer.

    Args:
        name: What to call it.
        x: Raw input `(H, W, C)`, `(T, D)` or `(D,)`.
        truth: Name of the true class.
        answer: Name of the answered class.
        probability: Of the answered class.
        text: Of a text: as its source has it.
    """

    name: str
    x: Array
    truth: str
    answer: str
    probability: float
    text: str = ""


def draw_examples(examples: Sequence[Answered], title: str, path: Path) -> None:
    """Draws images or series in a grid, or rows of a table as text.

    Args:
        examples: What to draw; may be empty.
        title: Above the picture.
        path: The PNG.
    """
    if not examples or examples[0].x.ndim not in (2, 3):
        rows = [(e.name, e.truth, e.answer, e.probability) for e in examples]
        title = title if examples else f"{title}: none"
        draw_answers(rows, title, path)
        return
    columns = min(COLUMNS, len(examples))
    rows_needed = -(-len(examples) // columns)
    figure = new_figure(max(1.6 * columns, 3.0), 2.0 * rows_needed + 0.4)
    figure.suptitle(title, fontsize=11)
    grid = figure.subplots(rows_needed, columns, squeeze=False)
    for axes in grid.flat:
        hide_axes(axes)
    for axes, example in zip(grid.flat, examples, strict=False):
        _draw_one(axes, example)
    save_figure(figure, path)


def _draw_one(axes: Any, example: Answered) -> None:
    if example.x.ndim == 2:
        axes.plot(as_lines(example.x), lw=0.7)
    else:
        axes.imshow(to_rgb(example.x), interpolation="nearest")
    right = example.truth == example.answer
    text = f"{plain(example.answer, 14)} {example.probability:.2f}"
    if not right:
        text += f"\ntruth: {plain(example.truth, 14)}"
    axes.set_title(text, fontsize=8, color=RIGHT if right else WRONG)
