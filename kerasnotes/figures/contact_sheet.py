"""A picture of a few examples of each part, to look at before training."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.data.choosing import choose
from kerasnotes.data.dataset import Array, Dataset, Responds, Split
from kerasnotes.data.spec import Spec
from kerasnotes.data.splitting import PARTS
from kerasnotes.figures import pair_sheet, series_sheet, table_sheet, text_sheet
from kerasnotes.figures.canvas import to_png
from kerasnotes.figures.language_figures import draw_commonest
from kerasnotes.figures.names import plain
from kerasnotes.figures.series_lines import as_lines

COLUMNS = 8
VALUES = 4
"""Measured values over a picture, at most."""
DPI = 110
_BY_CLASS = ("table", "text")
"""Inputs that have their classes' colours."""
OPACITY = 0.45
"""Of the colours of a mask over its image, 0 to 1."""


def draw(data: Dataset) -> bytes:
    """Returns the contact sheet: two rows of training, one of each other part.

    Images carry their class or what was measured; masks lie over them in
    colours. Responses are lines over the frequency, Hz: log10 of the
    magnitude for the first force, one for each place. Tables are
    shown as one chart per column, by class or against what is measured;
    texts as their lengths, their words and a few of them, pairs of them
    likewise; a language as
    its commonest tokens;
    series as lines over time, or as the images that they are read from.

    Args:
        data: The data set.

    Returns:
        The content of a PNG file.
    """
    if data.spec.target.kind == "series":
        figure = _draw_series(data)
    elif data.spec.input.kind == "table":
        figure = _draw_table(data)
    elif data.spec.target.kind == "sequence":
        figure = _draw_pairs(data)
    elif data.spec.input.kind == "text":
        figure = _draw_texts(data)
    elif data.spec.input.kind == "tokens":
        figure = _draw_language(data)
    else:
        figure = _draw_images(data)
    return to_png(figure)


def _draw_series(data: Dataset) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=series_sheet.size(data), dpi=DPI)
    series_sheet.draw_series(data, figure)
    _finish(figure, data)
    return figure


def _draw_images(data: Dataset) -> Any:
    from matplotlib.figure import Figure

    chosen: list[tuple[str, Split, int]] = []
    for name, count in (("train", 16), ("validation", 8), ("test", 8)):
        split = data.split(name)
        chosen += [(name, split, i) for i in choose(split, data.spec, count)]
    rows = -(-len(chosen) // COLUMNS)
    figure = Figure(figsize=(1.6 * COLUMNS, 1.85 * rows + 0.9), dpi=DPI)
    axes = figure.subplots(rows, COLUMNS, squeeze=False)
    for axis in axes.flat:
        axis.set_axis_off()
    for axis, (name, split, index) in zip(axes.flat, chosen, strict=False):
        try:
            x, y = split[index]
        except DataError:
            axis.set_title("unreadable", fontsize=7)
            continue
        if isinstance(split, Responds):
            _draw_response(axis, x, split)
        elif data.spec.input.kind == "series" and not data.spec.input.picture:
            axis.plot(as_lines(x), lw=0.6)
        else:
            x = x.reshape(data.spec.input.picture or x.shape)
            axis.imshow(as_picture(x), cmap="gray", interpolation="nearest")
        title = split.name(index)
        if data.spec.target.kind == "mask":
            axis.imshow(_overlay(y, data.spec), interpolation="nearest")
        elif data.spec.target.kind == "class":
            title = data.spec.target.classes[int(y)]
        elif data.spec.target.kind == "values":
            title = ", ".join(f"{float(value):.4g}" for value in y[:VALUES])
        axis.set_title(f"{plain(title, 20)}\n{name}", fontsize=6.5)
    _finish(figure, data)
    return figure


def _draw_response(axis: Any, x: Array, split: Responds) -> None:
    """Draws log magnitudes over the frequency, a line a place."""
    axis.plot(split.frequencies, x[..., 0], lw=0.5)
    axis.set_axis_on()
    axis.tick_params(labelsize=5, length=2, pad=1)


def as_picture(x: Array) -> Array:
    """Returns an image of any range and channels for `imshow`, 0 to 1."""
    x = x[..., :3] if x.shape[-1] >= 3 else x[..., 0]
    x = np.nan_to_num(x.astype("float32"), posinf=0, neginf=0)
    low, high = float(x.min()), float(x.max())
    scaled: Array = (x - low) / max(high - low, 1e-9)
    return scaled


def colours(count: int) -> Array:
    """Returns `count` distinct colours `(count, 3)`, 0 to 1."""
    from matplotlib import colormaps

    if count <= 20:
        # Listed colours, called by their numbers.
        name = "tab10" if count <= 10 else "tab20"
        return np.asarray(colormaps[name](np.arange(count)))[:, :3]
    return np.asarray(colormaps["turbo"](np.linspace(0, 1, count)))[:, :3]


def _overlay(mask: Array, spec: Spec) -> Array:
    """Returns the mask as colours with opacity; class 0 stays clear."""
    # The last row is for pixels that are left out, numbered -1: black.
    table = np.zeros((spec.target.num_classes + 1, 4))
    table[1:-1, :3] = colours(max(1, spec.target.num_classes - 1))
    table[1:, 3] = OPACITY
    return table[mask]


def _finish(figure: Any, data: Dataset) -> None:
    counts = ", ".join(f"{len(data.split(p)):,} {p}" for p in PARTS)
    figure.suptitle(f"{plain(data.spec.name, 60)}: {counts}", fontsize=10)
    target = data.spec.target
    if target.kind == "mask" and target.num_classes <= 21:
        _legend(figure, target.classes[1:])
    elif data.spec.input.kind in _BY_CLASS and target.num_classes <= 20:
        _legend(figure, target.classes)
    if data.spec.input.kind == "table" and target.kind != "values":
        table_sheet.lay_out(figure, data.spec.input)
        return
    # Laid out when it is drawn: by then every text has its font.
    figure.set_layout_engine("tight", rect=(0, 0.04, 1, 1))


def _legend(figure: Any, names: Sequence[str]) -> None:
    from matplotlib.patches import Patch

    handles = [
        Patch(color=shade, label=plain(name))
        for shade, name in zip(colours(len(names)), names, strict=True)
    ]
    if handles:
        figure.legend(handles=handles, loc="lower center", ncols=11, fontsize=7)


def _draw_texts(data: Dataset) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=text_sheet.size(data), dpi=DPI)
    shades = colours(data.spec.target.num_classes)
    text_sheet.draw_texts(data, figure, shades)
    _finish(figure, data)
    return figure


def _draw_pairs(data: Dataset) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=pair_sheet.SIZE, dpi=DPI)
    pair_sheet.draw_pairs(data, figure)
    _finish(figure, data)
    return figure


def _draw_language(data: Dataset) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), dpi=DPI)
    draw_commonest(data, figure)
    _finish(figure, data)
    return figure


def _draw_table(data: Dataset) -> Any:
    from matplotlib.figure import Figure

    figure = Figure(figsize=table_sheet.size(data.spec.input), dpi=DPI)
    shades = colours(data.spec.target.num_classes)
    table_sheet.draw_table(data, figure, shades)
    _finish(figure, data)
    return figure
