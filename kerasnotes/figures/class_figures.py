"""Charts that classification and segmentation share."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.figures.canvas import INK, RIGHT, WRONG, new_figure, save
from kerasnotes.figures.names import plain
from kerasnotes.metrics.calibration import Calibration

WRITTEN = 15
"""Up to so many classes every cell holds its number."""
TICKED = 60


def draw_confusion(
    confusion: Array, classes: Sequence[str], path: Path
) -> None:
    """Draws a confusion matrix, each row as parts of its true class.

    Args:
        confusion: Counts `(K, K)`, rows truth.
        classes: `K` names.
        path: The PNG.
    """
    total = np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    share = confusion / total
    size = min(12.0, max(4.0, 1.8 + 0.45 * len(classes)))
    figure = new_figure(size + 0.8, size)
    axes = figure.add_subplot()
    image = axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, shrink=0.8, label="part of the true class")
    axes.set_xlabel("answer")
    axes.set_ylabel("truth")
    _class_ticks(axes, classes)
    if len(classes) <= WRITTEN:
        _write_cells(axes, share)
    save(figure, path)


def _class_ticks(axes: Any, classes: Sequence[str]) -> None:
    if len(classes) > TICKED:
        return
    names = [plain(name) for name in classes]
    font = 9 if len(names) <= 2 * WRITTEN else 5
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=font)
    axes.set_yticks(range(len(names)), names, fontsize=font)


def _write_cells(axes: Any, share: Array) -> None:
    for (row, column), value in np.ndenumerate(share):
        if value:
            axes.text(
                column,
                row,
                f"{value:.2f}" if value >= 0.005 else "·",
                ha="center",
                va="center",
                fontsize=7,
                color="white" if value > 0.6 else INK,
            )


def draw_reliability(calibration: Calibration, path: Path) -> None:
    """Draws accuracy against confidence, and how often each occurs.

    Args:
        calibration: The counts.
        path: The PNG.
    """
    width = 1.0 / calibration.bins
    middles = (np.arange(calibration.bins) + 0.5) * width
    figure = new_figure(4.6, 5.6)
    top, bottom = figure.subplots(2, 1, height_ratios=(3, 1), sharex=True)
    accuracy = np.nan_to_num(calibration.accuracy_by_bin)
    top.bar(middles, accuracy, 0.94 * width, color=RIGHT, label="accuracy")
    top.plot([0, 1], [0, 1], "--", color=INK, lw=1, label="well calibrated")
    top.set(xlim=(0, 1), ylim=(0, 1), ylabel="accuracy")
    top.set_title(f"ECE {calibration.ece:.4f}", fontsize=11)
    top.legend(loc="upper left", framealpha=0.9, edgecolor="none")
    share = calibration.count / max(calibration.count.sum(), 1)
    bottom.bar(middles, share, 0.94 * width, color="#999999")
    bottom.set(xlabel="confidence", ylabel="part of\nthe answers")
    save(figure, path)


def draw_bars(
    scores: Mapping[str, Array], classes: Sequence[str], path: Path
) -> None:
    """Draws scores in `[0, 1]` of each class, side by side.

    Args:
        scores: Array `(K,)` by the score's name; NaN draws no bar.
        classes: `K` names.
        path: The PNG.
    """
    count = len(classes)
    figure = new_figure(6.0, min(30.0, 1.4 + 0.36 * count))
    axes = figure.add_subplot()
    height = 0.8 / len(scores)
    for number, (name, values) in enumerate(scores.items()):
        place = np.arange(count) + (number - (len(scores) - 1) / 2) * height
        colour = (RIGHT, "#56B4E9", "#009E73")[number % 3]
        axes.barh(place, np.nan_to_num(values), height, color=colour)
        axes.barh([0], [0], color=colour, label=name)
        for y, value in zip(place, values, strict=True):
            text = "absent" if np.isnan(value) else f"{value:.2f}"
            x = 0.0 if np.isnan(value) else value
            axes.text(x + 0.01, y, text, va="center", fontsize=6, color=INK)
    axes.set_yticks(range(count), [plain(name) for name in classes])
    axes.set(xlim=(0, 1.08), ylim=(count - 0.4, -0.6))
    figure.legend(loc="outside lower center", ncols=3)
    axes.spines[["top", "right"]].set_visible(False)
    save(figure, path)


def draw_answers(
    rows: Sequence[tuple[str, str, str, float]], title: str, path: Path
) -> None:
    """Draws answers as a table of text; wrong ones stand out.

    Args:
        rows: Example, true class, answered class, probability.
        title: Above the table.
        path: The PNG.
    """
    figure = new_figure(6.4, 0.9 + 0.28 * max(len(rows), 1))
    axes = figure.add_subplot()
    axes.axis("off")
    axes.set_title(title, fontsize=11)
    cells = [
        [*(plain(text, 18) for text in texts), f"{probability:.3f}"]
        for *texts, probability in rows
    ]
    if cells:
        head = ["example", "truth", "answer", "probability"]
        table = axes.table(cells, colLabels=head, loc="center", edges="B")
        table.auto_set_font_size(False)
        table.set_fontsize(9)
        for number, (_, truth, answer, _) in enumerate(rows, start=1):
            if truth != answer:
                table[number, 2].get_text().set_color(WRONG)
    save(figure, path)
