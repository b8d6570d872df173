"""The picture of a segmentation: input, truth, prediction, errors."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.patches import Patch

from kerasnotes.base.types import Array
from kerasnotes.figures import overlay
from kerasnotes.figures.canvas import INK, hide_axes, new_figure, save
from kerasnotes.figures.names import plain

PANEL = 320
"""Side that small images are enlarged to, at least, pixels."""
LARGEST = 1024
LISTED = 20
"""Classes that the legend names at most."""
ENTRY, LINE = 1.45, 0.2
"""Inches that a name in the legend takes, and a line of them."""
TITLES = ("input", "truth", "prediction", "errors")
ERRORS = {
    "missed": overlay.MISSED,
    "extra": overlay.EXTRA,
    "confused": overlay.CONFUSED,
}


@dataclasses.dataclass(frozen=True)
class Shown:
    """One example of the picture.

    Args:
        image: Raw input `(H, W, C)`.
        truth: Integers `(H, W)`.
        answer: Integers `(H, W)`.
        caption: Written beside it.
    """

    image: Array
    truth: Array
    answer: Array
    caption: str = ""


def draw_masks(
    examples: Sequence[Shown], classes: Sequence[str], path: Path
) -> None:
    """Draws examples in rows of input, truth, prediction and errors.

    Args:
        examples: What to draw, at least one; two to a row from five on.
        classes: `K` names.
        path: The PNG.
    """
    k = len(classes)
    counts = sum(
        np.bincount(shown.truth.ravel(), minlength=k) for shown in examples
    )
    ground = overlay.ground_class(classes, np.asarray(counts))
    colours = overlay.palette(k, ground)
    blocks = 2 if len(examples) > 4 else 1
    rows = -(-len(examples) // blocks)
    height, width = examples[0].truth.shape
    panel = 2.4 if max(height, width) > 128 else 1.7
    tall = panel * min(2.5, max(0.4, height / width))
    width = 4 * blocks * panel
    columns = max(1, int(width / ENTRY))
    lines = -(-(min(k, LISTED) + 1 + len(ERRORS)) // columns)
    figure = new_figure(width, rows * tall + LINE * (lines + 2) + 0.5)
    grid = figure.subplots(rows, 4 * blocks, squeeze=False)
    for axes in grid.flat:
        hide_axes(axes)
    for number, shown in enumerate(examples):
        row, block = number // blocks, number % blocks
        panels = grid[row, 4 * block : 4 * block + 4]
        _draw_row(panels, shown, colours, ground)
        if row == 0:
            for axes, title in zip(panels, TITLES, strict=True):
                axes.set_title(title, fontsize=10, color=INK)
    _add_legend(figure, columns, classes, colours, ground, examples)
    save(figure, path)


def _draw_row(
    panels: Sequence[Any], shown: Shown, colours: Array, ground: int
) -> None:
    rgb = resize(overlay.to_rgb(shown.image))
    truth, answer = resize(shown.truth), resize(shown.answer)
    pictures = (
        rgb,
        overlay.tint(rgb, truth, colours, ground),
        overlay.tint(rgb, answer, colours, ground),
        overlay.mark_errors(rgb, truth, answer, ground),
    )
    for axes, picture in zip(panels, pictures, strict=True):
        axes.imshow(picture)
    panels[0].set_ylabel(plain(shown.caption), fontsize=7, color=INK)
    right = float((shown.truth == shown.answer).mean())
    panels[3].set_xlabel(f"{right:.1%} right", fontsize=7, color=INK)


def resize(picture: Array) -> Array:
    """Enlarges a small picture by whole pixels, thins out a large one."""
    side = max(picture.shape[:2])
    if side > LARGEST:
        step = -(-side // LARGEST)
        return picture[::step, ::step]
    factor = max(1, PANEL // max(side, 1))
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def _add_legend(
    figure: Any,
    columns: int,
    classes: Sequence[str],
    colours: Array,
    ground: int,
    examples: Sequence[Shown],
) -> None:
    """Names the classes that occur, and the kinds of error that do."""
    kinds = set()
    for shown in examples:
        kinds |= _error_kinds(shown, ground)
    named, more = commonest(examples, len(classes), ground)
    handles = [
        _swatch(colours[n] / 255.0, plain(classes[n], 16)) for n in named
    ]
    if more:
        handles.append(Patch(alpha=0, label=f"and {more} more"))
    handles += [
        _swatch(colour, f"error: {kind}")
        for kind, colour in ERRORS.items()
        if kind in kinds
    ]
    title = f"untinted: {plain(classes[ground])}"
    figure.legend(
        handles=handles,
        loc="outside lower center",
        ncols=min(columns, max(len(handles), 1)),
        fontsize=8,
        title=title,
        title_fontsize=8,
        frameon=False,
    )


def commonest(
    examples: Sequence[Shown], classes: int, ground: int
) -> tuple[list[int], int]:
    """Returns the classes that the legend names, and how many more there are.

    Args:
        examples: Whose truths and answers count, by pixels.
        classes: `K`.
        ground: The class that is not named.

    Returns:
        Numbers of at most `LISTED` classes that occur, in their order.
    """
    counts = np.zeros(classes, "int64")
    for shown in examples:
        for mask in (shown.truth, shown.answer):
            counts += np.bincount(mask.ravel(), minlength=classes)
    counts[ground] = 0
    seen = np.flatnonzero(counts)
    order = np.argsort(-counts[seen], kind="stable")[:LISTED]
    return np.sort(seen[order]).tolist(), max(0, len(seen) - LISTED)


def _swatch(colour: Any, label: str) -> Any:
    return Patch(facecolor=colour, edgecolor="#999999", lw=0.5, label=label)


def _error_kinds(shown: Shown, ground: int) -> set[str]:
    wrong = shown.truth != shown.answer
    missed = wrong & (shown.answer == ground)
    extra = wrong & (shown.truth == ground)
    kinds = {
        "missed": missed.any(),
        "extra": extra.any(),
        "confused": (wrong & ~missed & ~extra).any(),
    }
    return {kind for kind, present in kinds.items() if present}
