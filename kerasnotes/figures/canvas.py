"""A matplotlib figure without global state, and how it reaches a file."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL.PngImagePlugin import PngInfo

from kerasnotes.base.files import write_bytes
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
    write_bytes(path, to_png(figure, text))


def to_png(figure: Any, text: Mapping[str, str] | None = None) -> bytes:
    """Returns a figure as the content of a PNG file.

    Args:
        figure: The figure.
        text: Written into it beside the picture.
    """
    chunks = PngInfo()
    for key, value in (text or {}).items():
        chunks.add_itxt(key, value)
    written = io.BytesIO()
    with told_in_words():
        use_fonts(figure)
        figure.savefig(written, format="png", pil_kwargs={"pnginfo": chunks})
    return written.getvalue()


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
