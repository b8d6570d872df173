"""Pictures of translations: what was asked, what is right, what was said."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.figures.canvas import INK, RIGHT, WRONG, hide_axes, new_figure
from kerasnotes.figures.canvas import save as save_figure
from kerasnotes.figures.names import plain
from kerasnotes.figures.text_figures import wrapped

LINES = 2
"""Of a text."""
TOKENS = 60
"""Of a text in a picture of attention."""


@dataclasses.dataclass(frozen=True)
class Translated:
    """One example and its answer.

    Args:
        source: What was asked.
        truth: What it was to become; `None` if that is not known.
        answer: What the model said.
    """

    source: str
    truth: str | None
    answer: str


def draw_translations(
    examples: Sequence[Translated], title: str, path: Path
) -> None:
    """Draws source, truth and answer below each other.

    Args:
        examples: What to draw; may be empty.
        title: Above the picture.
        path: The PNG.
    """
    blocks = [_lines(example) for example in examples]
    lines = sum(len(block) + 0.7 for block in blocks)
    figure = new_figure(8.2, 0.8 + 0.17 * max(lines, 1))
    axes = figure.add_subplot()
    hide_axes(axes)
    axes.set_title(title if examples else f"{title}: none", fontsize=11)
    axes.set(xlim=(0, 1), ylim=(max(lines, 1), 0))
    place = 0.6
    for block in blocks:
        for text, shade in block:
            axes.text(0, place, text, color=shade, fontsize=8, va="center")
            place += 1
        place += 0.7
    save_figure(figure, path)


def _lines(example: Translated) -> list[tuple[str, str]]:
    right = example.truth is None or example.truth == example.answer
    shown = [(example.source, INK)]
    if not right:
        shown.append((f"truth   {example.truth}", INK))
    shown.append((f"answer  {example.answer}", RIGHT if right else WRONG))
    return [
        (line, shade)
        for text, shade in shown
        for line in wrapped(text, lines=LINES)
    ]


def draw_alignment(
    weights: Array, source: Sequence[str], target: Sequence[str], path: Path
) -> None:
    """Draws what each token of an answer took from which of its source.

    Args:
        weights: Array `(T, S)`; each row sums to 1.
        source: The `S` tokens.
        target: The `T` tokens.
        path: The PNG.
    """
    shown = np.asarray(weights)[:TOKENS, :TOKENS]
    rows, columns = shown.shape
    figure = new_figure(1.6 + 0.17 * columns, 1.4 + 0.17 * rows)
    axes = figure.add_subplot()
    picture = axes.imshow(
        shown, vmin=0, vmax=max(float(shown.max()), 1e-9), cmap="magma"
    )
    _name(axes.xaxis, source[:columns], rotation=90)
    _name(axes.yaxis, target[:rows], rotation=0)
    axes.set_xlabel("source", fontsize=8)
    axes.set_ylabel("answer", fontsize=8)
    bar = figure.colorbar(picture, ax=axes, shrink=0.8)
    bar.ax.tick_params(labelsize=6)
    bar.set_label("part taken", fontsize=8)
    save_figure(figure, path)


def _name(axis: Any, tokens: Sequence[str], rotation: int) -> None:
    names = [plain(token, 12) if token.strip() else "␣" for token in tokens]
    axis.set_ticks(range(len(names)), names, fontsize=6, rotation=rotation)
