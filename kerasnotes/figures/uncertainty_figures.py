"""Pictures of uncertainty: rejection, foreign data, pruned weights."""

from pathlib import Path

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.figures.canvas import INK, RIGHT, WRONG, new_figure, save
from kerasnotes.figures.names import plain


def draw_rejection(by_rejection: Array, path: Path) -> None:
    """Draws accuracy against the part of the answers that is held back.

    Args:
        by_rejection: Array `(B,)`, of `accuracy_by_rejection`.
        path: The PNG.
    """
    count = len(by_rejection)
    rejected = np.arange(count) / max(count, 1)
    figure = new_figure(5.0, 3.4)
    axes = figure.add_subplot()
    # The last percent rests on a handful of examples.
    shown = slice(0, max(1, int(0.99 * count)))
    axes.plot(100 * rejected[shown], 100 * by_rejection[shown], color=RIGHT)
    axes.axhline(100 * by_rejection[0], ls="--", lw=1, color=INK)
    axes.set_xlabel("least certain answers held back, %")
    axes.set_ylabel("accuracy on the rest, %")
    axes.grid(alpha=0.3)
    save(figure, path)


def draw_foreign(
    own: Array, other: Array, names: tuple[str, str], path: Path
) -> None:
    """Draws how uncertain the answers are on own and on foreign data.

    Args:
        own: Array `(B,)`: entropies, nats.
        other: Array `(B',)`: entropies on the other data, nats.
        names: What to call the two.
        path: The PNG.
    """
    figure = new_figure(5.0, 3.4)
    axes = figure.add_subplot()
    top = max(float(own.max()), float(other.max()), 1e-3)
    bins = np.linspace(0, top, 41)
    pairs = zip((own, other), names, (RIGHT, WRONG), strict=True)
    for values, name, colour in pairs:
        weights = np.full(len(values), 100 / len(values))
        axes.hist(
            values,
            bins,
            weights=weights,
            color=colour,
            alpha=0.6,
            label=plain(name),
        )
    axes.set_xlabel("predictive entropy, nats")
    axes.set_ylabel("part of the examples, %")
    axes.set_yscale("log")
    axes.legend(frameon=False)
    save(figure, path)


def draw_pruning(shares: Array, accuracies: Array, path: Path) -> None:
    """Draws accuracy against the part of the weights set to zero.

    Args:
        shares: Array `(N,)`, 0 to 1: the weights of lowest signal-to-noise
            ratio go first.
        accuracies: Array `(N,)`, 0 to 1.
        path: The PNG.
    """
    figure = new_figure(5.0, 3.4)
    axes = figure.add_subplot()
    axes.plot(100 * shares, 100 * accuracies, "o-", ms=4, color=RIGHT)
    axes.set_xlabel("weights set to zero, lowest |mean| / std first, %")
    axes.set_ylabel("accuracy, %")
    axes.grid(alpha=0.3)
    save(figure, path)
