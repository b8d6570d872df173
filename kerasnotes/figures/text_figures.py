"""The picture of texts and what they were taken for."""

import textwrap
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from kerasnotes.figures.canvas import INK, RIGHT, WRONG, hide_axes, new_figure
from kerasnotes.figures.canvas import save as save_figure
from kerasnotes.figures.example_figures import Answered
from kerasnotes.figures.names import plain

WIDTH = 118
"""Columns of a line."""
LINES = 3
"""Of a text."""


def draw_texts(examples: Sequence[Answered], title: str, path: Path) -> None:
    """Draws texts below each other with what they were taken for.

    Args:
        examples: What to draw; may be empty.
        title: Above the picture.
        path: The PNG.
    """
    blocks = [wrapped(example.text) for example in examples]
    lines = sum(len(block) + 1.6 for block in blocks)
    figure = new_figure(8.2, 0.8 + 0.17 * max(lines, 1))
    axes = figure.add_subplot()
    hide_axes(axes)
    axes.set_title(title if examples else f"{title}: none", fontsize=11)
    axes.set(xlim=(0, 1), ylim=(max(lines, 1), 0))
    place = 0.6
    for example, block in zip(examples, blocks, strict=True):
        _draw_one(axes, example, block, place)
        place += len(block) + 1.6
    save_figure(figure, path)


def _draw_one(
    axes: Any, example: Answered, block: Sequence[str], place: float
) -> None:
    right = example.truth == example.answer
    told = f"{plain(example.answer, 30)} {example.probability:.3f}"
    if not right:
        told += f"   truth: {plain(example.truth, 30)}"
    style = {"fontsize": 8, "va": "center"}
    colour = RIGHT if right else WRONG
    axes.text(0, place, told, color=colour, weight="bold", **style)
    name = plain(example.name, 30)
    axes.text(1, place, name, color="#888888", ha="right", **style)
    for number, line in enumerate(block, start=1):
        axes.text(0.01, place + number, line, color=INK, **style)


def wrapped(text: str, width: int = WIDTH, lines: int = LINES) -> list[str]:
    """Returns a text as a few lines of at most so many columns."""
    # A letter of East Asia is as wide as two of the alphabet.
    columns = width
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text[:1_000])
    if 2 * wide > len(text[:1_000]):
        width //= 2
    flat = " ".join(text.split())[: width * (lines + 1)]
    found = textwrap.wrap(flat, width)[: lines + 1] or [""]
    if len(found) > lines:
        found = [*found[: lines - 1], found[lines - 1][: width - 2] + " …"]
    return [plain(line, columns + 2) for line in found]
