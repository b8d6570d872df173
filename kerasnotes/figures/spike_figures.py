"""What a spiking network's neurons do for one example."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.spike_record import SpikeRecord
from kerasnotes.figures.canvas import INK, RIGHT, WRONG, new_figure, save
from kerasnotes.figures.names import plain

MOST = 200
"""Neurons of a layer that a raster shows, spread evenly."""
LINES = 12
"""Neurons of a layer whose membranes are drawn."""


@dataclasses.dataclass(frozen=True)
class Seen:
    """One example, and what the neurons do for it.

    Args:
        name: What to call it.
        x: Raw input `(...)`.
        record: Of this example alone.
        classes: Their names; of measured values none.
        truth: Number of its class.
    """

    name: str
    x: Array
    record: SpikeRecord
    classes: Sequence[str]
    truth: int

    @property
    def title(self) -> str:
        """Its name, what it is and what it was taken for."""
        named = plain(self.name, 40)
        if not self.classes:
            return named
        answer = int(self.record.so_far[-1, 0].argmax())
        told = plain(self.classes[self.truth])
        if answer != self.truth:
            told += f", taken for {plain(self.classes[answer])}"
        return f"{named}: {told}"


def draw_raster(seen: Seen, path: Path) -> None:
    """Draws a mark for every spike: neurons upwards, steps to the right.

    Args:
        seen: The example.
        path: The PNG.
    """
    layers = seen.record.spikes
    figure = new_figure(7.0, 1.4 * len(layers) + 1.6)
    grid = figure.subplots(len(layers), 1, squeeze=False, sharex=True)
    for axes, (name, spk) in zip(grid[::-1, 0], layers.items(), strict=True):
        fired, told = _chosen(spk[:, 0], MOST)
        _marks(axes, fired)
        axes.set_ylabel(f"{plain(name)}\n{told}", fontsize=8)
    _class_ticks(grid[0, 0], layers, seen.classes)
    grid[-1, 0].set_xlabel("step")
    figure.suptitle(f"spikes, {seen.title}", fontsize=9)
    save(figure, path)


def draw_membranes(seen: Seen, path: Path) -> None:
    """Draws membranes over time, the output's above; dots are spikes.

    Args:
        seen: The example.
        path: The PNG.
    """
    record = seen.record
    figure = new_figure(7.0, 1.7 * len(record.membranes) + 1.2)
    grid = figure.subplots(len(record.membranes), 1, squeeze=False, sharex=True)
    last = list(record.membranes)[-1]
    for axes, name in zip(grid[::-1, 0], record.membranes, strict=True):
        mem, _ = _chosen(record.membranes[name][:, 0], LINES)
        spk, _ = _chosen(record.spikes[name][:, 0], LINES)
        steps = np.arange(1, len(mem) + 1)
        for number, (line, fired) in enumerate(zip(mem.T, spk.T, strict=True)):
            truth = name == last and bool(seen.classes)
            own = truth and number == seen.truth * mem.shape[1] // len(
                seen.classes
            )
            color = RIGHT if own else INK
            axes.plot(steps, line, color=color, lw=2 if own else 0.6)
            at = fired > 0
            axes.plot(steps[at], line[at], ".", color=WRONG, markersize=3)
        if (record.spikes[name] > 0).any():
            axes.axhline(record.threshold, color=WRONG, lw=0.6, ls="--")
        axes.set_ylabel(plain(name), fontsize=8)
    grid[-1, 0].set_xlabel("step")
    figure.suptitle(f"membranes, {seen.title}", fontsize=9)
    save(figure, path)


def draw_over_time(accuracy: Array, path: Path) -> None:
    """Draws how often an answer was right after each step.

    Args:
        accuracy: `(T,)`, 0 to 1.
        path: The PNG.
    """
    figure = new_figure(5.0, 3.2)
    axes = figure.add_subplot()
    axes.plot(np.arange(1, len(accuracy) + 1), accuracy, "o-", color=RIGHT)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("step")
    axes.set_ylabel("accuracy")
    axes.grid(alpha=0.3)
    axes.set_title(f"{accuracy[-1]:.4f} after all steps", fontsize=9)
    save(figure, path)


def _chosen(values: Array, most: int) -> tuple[Array, str]:
    """Returns some neurons of a layer, `(T, N)`, and how many there are."""
    flat = values.reshape(len(values), -1)
    count = flat.shape[1]
    if count <= most:
        return flat, f"{count:,} neurons"
    places = np.linspace(0, count - 1, most).round().astype(int)
    return flat[:, places], f"{most} of {count:,}"


def _marks(axes: Any, fired: Array) -> None:
    steps, neurons = np.nonzero(fired)
    axes.plot(steps + 1, neurons, "|", color=INK, markersize=4)
    axes.set_xlim(0.5, len(fired) + 0.5)
    axes.set_ylim(-0.7, fired.shape[1] - 0.3)
    axes.tick_params(labelsize=7)


def _class_ticks(
    axes: Any, layers: dict[str, Array], classes: Sequence[str]
) -> None:
    """Names the output's neurons, where there is one for each class."""
    count = list(layers.values())[-1][0, 0].size
    if count == len(classes) <= 20:
        axes.set_yticks(range(count), [plain(c, 12) for c in classes])
