"""Pictures of generated examples: neighbours, classes, points."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.figures.canvas import INK, RIGHT, new_figure, save
from kerasnotes.figures.names import plain

OTHER = "#D55E00"
SHOWN = 3_000
"""Points drawn of each set."""


def draw_neighbours(
    samples: Array, neighbours: Array, gaps: Array, path: Path
) -> None:
    """Draws samples above the training images nearest to them.

    Args:
        samples: Pictures `(N, H, W[, 3])`, uint8.
        neighbours: As many pictures.
        gaps: Root mean square differences `(N,)`, pixels in [-1, 1].
        path: The PNG.
    """
    count = len(samples)
    figure = new_figure(max(3.0, 0.75 * count + 0.8), 2.6)
    figure.suptitle("the samples nearest to a training image, and that image")
    axes = figure.subplots(2, count, squeeze=False)
    for row, pictures in enumerate((samples, neighbours)):
        for axis, picture in zip(axes[row], pictures, strict=True):
            axis.imshow(
                picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest"
            )
            axis.set(xticks=[], yticks=[])
        axes[row, 0].set_ylabel(("sample", "nearest")[row], fontsize=9)
    for axis, gap in zip(axes[1], gaps, strict=True):
        axis.set_xlabel(f"{gap:.2f}", fontsize=8)
    save(figure, path)


def draw_class_shares(
    shares: Array, real: Array, classes: Sequence[str], path: Path
) -> None:
    """Draws how often each class comes, in samples and in reality.

    Args:
        shares: Of the samples, `(K,)`.
        real: Of real examples, `(K,)`.
        classes: `K` names.
        path: The PNG.
    """
    count = len(classes)
    figure = new_figure(min(20.0, max(4.5, 0.5 * count + 1.0)), 3.2)
    axes = figure.add_subplot()
    place = np.arange(count)
    axes.bar(place - 0.2, shares, 0.4, color=RIGHT, label="samples")
    axes.bar(place + 0.2, real, 0.4, color="#BBBBBB", label="real test part")
    axes.axhline(1 / count, color=INK, lw=0.8, ls="--", label="equal shares")
    if count <= 60:
        names = [plain(name, 12) for name in classes]
        long = max(map(len, names)) > 2
        axes.set_xticks(place, names, rotation=90 if long else 0, fontsize=8)
    axes.set(ylabel="part of all", title="classes, as a classifier sees them")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8, ncols=3, loc="upper center")
    axes.set_ylim(0, 1.25 * max(shares.max(), real.max(), 1 / count))
    save(figure, path)


def draw_points(
    samples: Array,
    real: Array,
    names: Sequence[str],
    path: Path,
    text: Mapping[str, str] | None = None,
) -> None:
    """Draws two-dimensional samples over real points.

    More columns are turned into their two main directions.

    Args:
        samples: Raw rows `(N, D)`.
        real: Raw real rows `(M, D)`; may be none.
        names: `D` column names.
        path: The PNG.
        text: Written into it beside the picture.
    """
    labels = [plain(name) for name in names[:2]]
    if real.shape[1] != 2:
        samples, real = _main_directions(samples, real)
        labels = ["first main direction", "second main direction"]
    figure = new_figure(5.2, 5.2)
    axes = figure.add_subplot()
    for points, colour, name in (
        (real[:SHOWN], "#BBBBBB", "real"),
        (samples[:SHOWN], OTHER, "samples"),
    ):
        if not len(points):
            continue
        axes.scatter(
            points[:, 0], points[:, 1], s=5, lw=0, color=colour, label=name
        )
    axes.set(xlabel=labels[0], ylabel=labels[1])
    axes.set_aspect("equal", adjustable="datalim")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper right", markerscale=2.5)
    save(figure, path, text)


def _main_directions(samples: Array, real: Array) -> tuple[Array, Array]:
    """Projects on the first two principal directions of the real rows."""
    known = real if len(real) else samples
    mean, spread = known.mean(axis=0), known.std(axis=0)
    spread = np.where(spread > 1e-12, spread, 1.0)
    scaled = (known[:SHOWN] - mean) / spread
    axes = np.linalg.svd(scaled, full_matrices=False)[2][:2].T
    axes = np.pad(axes, ((0, 0), (0, 2 - axes.shape[1])))
    return (samples - mean) / spread @ axes, (real - mean) / spread @ axes
