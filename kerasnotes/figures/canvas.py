"""A matplotlib figure without global state, and how it reaches a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL.PngImagePlugin import PngInfo

from kerasnotes.base.files import replacing
from kerasnotes.base.types import Array
from kerasnotes.figures.fonts import told_in_words, use_fonts

INK = "#333333"
RIGHT = "#0072B2"
WRONG = "#C62828"
DPI = 130


def new_figure(width: float, height: float) -> Any:
    """Returns an empty figure, sizes in inches."""
    return Figure(figsize=(width, height), dpi=DPI, layout="constrained")


def save(
    figure: Any, path: Path, text: Mapping[str, str] | None = None
) -> None:
    """Writes a figure as PNG, whole or not at all.

    Args:
        figure: The figure.
        path: Where to.
        text: Written into the file beside the picture.

    Raises:
        StorageError: If the file cannot be written.
    """
    with replacing(path) as part, told_in_words():
        use_fonts(figure)
        chunks = PngInfo()
        for key, value in (text or {}).items():
            chunks.add_itxt(key, value)
        figure.savefig(part, format="png", pil_kwargs={"pnginfo": chunks})


def to_pixels(figure: Any, dpi: int = DPI) -> Array:
    """Returns a figure as an image `(H, W, 3)`, uint8.

    Args:
        figure: The figure.
        dpi: Dots an inch.
    """
    with told_in_words():
        use_fonts(figure)
        figure.set_dpi(dpi)
        canvas: Any = FigureCanvasAgg(figure)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def hide_axes(axes: Any) -> None:
    """Takes ticks and frame away, keeps title and labels."""
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_visible(False)
