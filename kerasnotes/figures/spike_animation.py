"""An example being recognised, step by step: an animation."""

from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.figures.canvas import (
    INK,
    RIGHT,
    WRONG,
    hide_axes,
    new_figure,
    to_pixels,
)
from kerasnotes.figures.names import plain
from kerasnotes.figures.overlay import to_rgb
from kerasnotes.figures.sample_grid import save_gif
from kerasnotes.figures.spike_figures import Seen

MOST = 50
"""Frames: of more steps some are left out."""
FRAME, LAST = 160, 2_000
"""Milliseconds that each is shown, and the last."""
SMALL = 80
"""Dots an inch: animations are large."""


def animate(seen: Seen, path: Path) -> None:
    """Draws the input, which hidden neurons fire, and the answer so far.

    Args:
        seen: The example, of a class.
        path: The GIF.
    """
    steps = len(seen.record.so_far)
    chosen = np.unique(np.linspace(0, steps - 1, min(MOST, steps)).round())
    frames = [_frame(seen, int(step)) for step in chosen]
    save_gif(frames, path, milliseconds=FRAME, last=LAST)


def _frame(seen: Seen, step: int) -> Array:
    figure = new_figure(7.5, 2.8)
    left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1, 1.3))
    _draw_input(left, seen)
    name, spk = next(iter(seen.record.spikes.items()))
    fired = _square(spk[step, 0])
    middle.imshow(fired, cmap="Greys", vmin=0, vmax=1, interpolation="nearest")
    middle.set_title(f"spikes of {plain(name)}", fontsize=8)
    hide_axes(middle)
    _draw_answer(right, seen, step)
    figure.suptitle(f"step {step + 1} of {len(seen.record.so_far)}", fontsize=9)
    return to_pixels(figure, SMALL)


def _draw_input(axes: Any, seen: Seen) -> None:
    x = seen.x
    if x.ndim == 3:
        axes.imshow(to_rgb(x), interpolation="nearest")
    else:
        axes.plot(x, color=INK, lw=0.8)
    axes.set_title(plain(seen.name, 20), fontsize=8)
    hide_axes(axes)


def _draw_answer(axes: Any, seen: Seen, step: int) -> None:
    """Draws what speaks for each class so far, from the least on."""
    found = seen.record.so_far[:, 0]
    values = found[step] - found.min()
    answer = int(found[step].argmax())
    colors = [INK] * len(values)
    colors[answer] = RIGHT if answer == seen.truth else WRONG
    axes.barh(range(len(values)), values, color=colors)
    axes.set_xlim(0, 1.05 * max(float(np.ptp(found)), 1e-9))
    axes.set_xticks([])
    if len(values) <= 20:
        names = [plain(name, 12) for name in seen.classes]
        axes.set_yticks(range(len(values)), names, fontsize=7)
    axes.set_title("what speaks for each class", fontsize=8)


def _square(spk: Array) -> Array:
    """Returns a layer's spikes as a picture, `(H, W)`.

    Maps of a convolution are summed up; rows of neurons are broken.
    """
    if spk.ndim == 3:
        total = spk.sum(axis=-1)
        return np.asarray(total / max(float(total.max()), 1.0))
    width = int(np.ceil(np.sqrt(spk.size)))
    padded = np.zeros(width * width)
    padded[: spk.size] = spk.ravel()
    return padded.reshape(width, width)
