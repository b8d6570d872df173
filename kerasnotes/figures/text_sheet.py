"""The picture of texts: how long they are, of which words, and a few."""

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.dataset import Dataset, ReadsTexts
from kerasnotes.data.reading import read_batch, spread
from kerasnotes.data.text.tokenizer import UNKNOWN, open_json
from kerasnotes.figures.canvas import INK, hide_axes
from kerasnotes.figures.names import plain
from kerasnotes.figures.text_figures import wrapped

MOST = 20_000
"""Texts counted."""
WORDS = 14
"""Of a class."""
CLASSES = 8
"""Whose words and texts are shown."""
EACH = 2
"""Texts of a class."""
BINS = 30


def size(data: Dataset) -> tuple[float, float]:
    """Returns width and height of the picture, inches."""
    classes = min(CLASSES, data.spec.target.num_classes)
    return 10.0, 3.4 + 0.95 * classes


def draw_texts(data: Dataset, figure: Any, shades: Array) -> None:
    """Draws lengths, words and a few texts of the training part, by class.

    Args:
        data: The data set; it knows its tokens.
        figure: A figure of the size that `size` tells.
        shades: A colour for each class.
    """
    split, spec = data.train, data.spec
    classes = spec.target.classes
    rows = spread(len(split), MOST)
    x, y = read_batch(split, rows)
    shown = range(min(CLASSES, len(classes)))
    ratio = [3.0, 0.95 * len(shown)]
    grid = figure.add_gridspec(2, 2, height_ratios=ratio, width_ratios=[2, 3])
    _draw_lengths(figure.add_subplot(grid[0, 0]), x, y, classes, shades)
    counts = count_tokens(x, y, spec.input.vocabulary, len(classes))
    axes = figure.add_subplot(grid[0, 1])
    hide_axes(axes)
    axes.set_title("tokens that tell a class from the others", fontsize=8)
    tokenizer = open_json(spec.input.tokenizer)
    axes.set(xlim=(0, 1), ylim=(len(shown), 0))
    for number in shown:
        told = [tokenizer.token(n) for n in telling(counts, number, WORDS)]
        words = plain(" · ".join(filter(str.strip, told)), 92)
        style = {"fontsize": 7.5, "va": "top"}
        name = plain(classes[number], 40)
        axes.text(0, number + 0.1, name, color=shades[number], **style)
        axes.text(0.02, number + 0.5, words, color=INK, **style)
    axes = figure.add_subplot(grid[1, :])
    hide_axes(axes)
    axes.set(xlim=(0, 1), ylim=(len(shown) * EACH * 2.2, 0))
    for number in shown:
        found = rows[y == number][:EACH]
        for place, row in enumerate(found):
            text = cast(ReadsTexts, split).text(int(row))
            _draw_text(axes, text, shades[number], EACH * number + place)


def _draw_text(axes: Any, text: str, shade: Any, place: int) -> None:
    for line, part in enumerate(wrapped(text, 150, 2)):
        height = 2.2 * place + line + 0.5
        axes.text(0, height, part, color=shade, fontsize=7, va="center")


def _draw_lengths(
    axes: Any, x: Array, y: Array, classes: Sequence[str], shades: Array
) -> None:
    lengths = (x != 0).sum(axis=1)
    edges = np.linspace(0.5, x.shape[1] + 0.5, min(BINS, x.shape[1]) + 1)
    for number, name in enumerate(classes):
        own = lengths[y == number]
        if len(own):
            axes.hist(
                own,
                edges,
                weights=np.full(len(own), 1 / len(own)),
                histtype="step",
                color=shades[number],
                label=plain(name),
            )
    axes.set_xlabel("tokens of a text, as far as they are read", fontsize=7)
    axes.set_ylabel("part of the class", fontsize=7)
    axes.tick_params(labelsize=6)
    axes.spines[["top", "right"]].set_visible(False)


def count_tokens(x: Array, y: Array, vocabulary: int, classes: int) -> Array:
    """Returns in how many texts of each class each token is, `(K, V)`."""
    counts = np.zeros((classes, vocabulary))
    for row, number in zip(x, y, strict=True):
        counts[number, np.unique(row[row > UNKNOWN])] += 1
    return counts


def telling(counts: Array, number: int, most: int) -> list[int]:
    """Returns the tokens that tell one class from all, the best first.

        p(w | c) ln(p(w | c) / p(w)),   with one text of each token added

    Args:
        counts: Texts with each token by class, `(K, V)`.
        number: The class.
        most: Tokens at most.
    """
    own = counts[number] + 1
    whole = counts.sum(axis=0) + len(counts)
    own, whole = own / own.sum(), whole / whole.sum()
    score = own * np.log(own / whole)
    best = np.argsort(-score, kind="stable")[:most]
    return [int(n) for n in best if score[n] > 0 and counts[number, n] > 0]
