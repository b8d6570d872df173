"""Pictures of a language: what each token cost, and where in a window."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.dataset import Dataset
from kerasnotes.data.language.language_split import LanguageSplit
from kerasnotes.data.text.tokenizer import open_json
from kerasnotes.figures.canvas import RIGHT, WRONG, hide_axes, new_figure, save
from kerasnotes.figures.names import plain

COLUMNS = 60
"""Characters of a line of the picture."""
COMMONEST = 40
"""Tokens of the sheet of `kn data`."""
DEAREST = 6.0
"""Nats of the darkest colour: one of 400 equally likely tokens."""


def draw_by_place(nats: Mapping[str, Array], path: Path) -> None:
    """Draws the loss against the place in the window, a line each way.

    Args:
        nats: Means `(T,)`, by how it was read.
        path: The PNG.
    """
    figure = new_figure(6.4, 4.0)
    axes = figure.subplots()
    for number, (name, values) in enumerate(nats.items()):
        places = np.arange(1, len(values) + 1)
        style = {"color": WRONG, "lw": 2} if number == 0 else {"lw": 1.2}
        axes.plot(places, values, label=name, **style)
    axes.set(
        xlabel="tokens read in the window",
        ylabel="nats a token",
        ylim=(0, None),
    )
    axes.legend(fontsize=8)
    save(figure, path)


def draw_text(texts: Sequence[str], nats: Array, path: Path, most: int) -> None:
    """Draws a text over the nats of its tokens, in lines of equal length.

    Args:
        texts: What each token stands for.
        nats: What each cost, `(N,)`.
        path: The PNG.
        most: Characters that are drawn.
    """
    signs = [
        (sign, float(cost))
        for text, cost in zip(texts, nats, strict=True)
        for sign in text
    ][:most]
    rows = max(1, -(-len(signs) // COLUMNS))
    grid = np.full((rows, COLUMNS), np.nan)
    figure = new_figure(11, 0.42 * rows + 0.9)
    axes = figure.subplots()
    for number, (sign, cost) in enumerate(signs):
        row, column = divmod(number, COLUMNS)
        grid[row, column] = cost
        # A line end has a sign of its own; a dollar would begin a formula.
        shown = "\u00b6" if sign == "\n" else sign.strip() and plain(sign)
        ink = "white" if cost > 0.6 * DEAREST else "black"
        axes.text(
            column, row, shown, ha="center", va="center", fontsize=9, color=ink
        )
    image = axes.imshow(grid, cmap="Reds", vmin=0, vmax=DEAREST, aspect="auto")
    hide_axes(axes)
    axes.set_title("nats of each token, given all before it", fontsize=10)
    figure.colorbar(image, ax=axes, fraction=0.02, pad=0.01)
    save(figure, path)


def draw_commonest(data: Dataset, figure: Any) -> None:
    """Draws how often the commonest tokens come in the training part."""
    axes, field = figure.subplots(), data.spec.input
    if not isinstance(data.train, LanguageSplit):
        return
    counts = np.bincount(data.train.ids, minlength=field.vocabulary)
    order = np.argsort(-counts, kind="stable")[:COMMONEST]
    learned = open_json(field.tokenizer)
    axes.bar(np.arange(len(order)), counts[order] / counts.sum(), color=RIGHT)
    names = [
        plain(token, 8) if token.strip() else repr(token).replace("\\", "/")
        for token in map(learned.token, order.tolist())
    ]
    axes.set_xticks(np.arange(len(order)), names, fontsize=7, rotation=90)
    axes.set_ylabel("share of the training part")
