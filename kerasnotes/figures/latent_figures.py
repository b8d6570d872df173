"""Pictures of a latent space: what is rebuilt, what lies between, the map.

Of any model that `Encodes`.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import norm
from sklearn.decomposition import PCA

from kerasnotes.base.types import Array
from kerasnotes.contracts.report import Conditions, Draw
from kerasnotes.data.dataset import Split
from kerasnotes.data.spec import Spec
from kerasnotes.figures.canvas import hide_axes, new_figure, save
from kerasnotes.figures.names import plain
from kerasnotes.figures.sample_grid import save_png, tile, to_bytes
from kerasnotes.metrics.sample_scores import affordable, read_some

MAPPED = 3_000
"""Points of the map at most."""
REBUILT = 10
"""Images in a row of reconstructions; there are two such rows."""
PAIRS = 6
STEPS = 9
"""Images from one end of an interpolation to the other, both included."""
GRID = 15
"""Latents on a side of the grid."""
BATCH = 256
TOLD_APART = 10
"""Up to so many classes every one has a colour of its own."""


def figures(
    model: Any, split: Split, conditions: Conditions
) -> dict[str, Draw]:
    """Returns what there is to draw, by file name without suffix.

    `latent_map` always; for images `reconstructions` and `interpolation`;
    with two latents `latent_grid` too. Nothing is computed before it is
    drawn, and the examples are encoded once for all of them.

    Args:
        model: Has `spec`, `encode` and `decode`.
        split: The examples.
        conditions: The seed, of which examples are shown.
    """
    seed = conditions.seed
    spec: Spec = model.spec
    if len(split) < 2:
        return {}
    encoded = functools.cache(lambda: _encode(model, split, spec, seed))
    found: dict[str, Draw] = {}
    if spec.input.kind == "image":
        found["reconstructions"] = lambda path: draw_reconstructions(
            model, encoded()["x"], encoded()["mean"], path
        )
        found["interpolation"] = lambda path: draw_interpolation(
            model, encoded(), path
        )
        config = model.note_config
        if config.latent == 2 and config.latent_kind == "gaussian":
            found["latent_grid"] = lambda path: draw_grid(model, path)
    found["latent_map"] = lambda path: draw_map(
        encoded()["mean"], encoded()["y"], spec.target.classes, path
    )
    return found


def _encode(
    model: Any, split: Split, spec: Spec, seed: int
) -> dict[str, Array]:
    """Returns `x`, `y` and the latents' `mean` of some examples."""
    x, y = read_some(split, affordable(split, spec, MAPPED), seed)
    parts = [
        model.encode(np.asarray(x[start : start + BATCH], "float32"))["mean"]
        for start in range(0, len(x), BATCH)
    ]
    return {"x": x, "y": y, "mean": np.concatenate(parts)}


def draw_reconstructions(model: Any, x: Array, mean: Array, path: Path) -> None:
    """Draws images above what the mean of their latents is decoded to.

    Args:
        model: Has `spec` and `decode`.
        x: Raw images `(N, H, W, C)`.
        mean: Of their latents, `(N, D)`.
        path: The PNG.
    """
    columns = min(REBUILT, len(x))
    count = columns * min(2, len(x) // columns)
    rebuilt = model.decode(mean[:count])
    rows = []
    for start in range(0, count, columns):
        rows += [x[start : start + columns], rebuilt[start : start + columns]]
    pictures = to_bytes(np.concatenate(rows), model.spec.input.limits)
    _draw_sheet(tile(pictures, columns), "above: images; below: rebuilt", path)


def draw_interpolation(
    model: Any, encoded: Mapping[str, Array], path: Path
) -> None:
    """Draws straight lines between the latents of two images.

    Each row begins and ends with the real images; between them
    `decode((1 - a) z_first + a z_last)`, `a` from 0 to 1.

    Args:
        model: Has `spec` and `decode`.
        encoded: `x` `(N, H, W, C)`, `y` `(N,)`, `mean` `(N, D)`.
        path: The PNG.
    """
    x, mean = encoded["x"], encoded["mean"]
    first, last = choose_pairs(encoded["y"], PAIRS)
    between = model.decode(
        interpolate(mean[first], mean[last], STEPS).reshape(-1, mean.shape[-1])
    )
    between = between.reshape(len(first), STEPS, *x.shape[1:])
    rows = np.concatenate(
        [x[first][:, None], between, x[last][:, None]], axis=1
    )
    flat = rows.reshape(-1, *x.shape[1:])
    pictures = to_bytes(flat, model.spec.input.limits)
    title = "image, the way between their latents, image"
    _draw_sheet(tile(pictures, STEPS + 2), title, path)


def choose_pairs(labels: Array, count: int) -> tuple[Array, Array]:
    """Returns indices of pairs, of two classes where there are several.

    Args:
        labels: Class numbers `(N,)`, N >= 2.
        count: Pairs at most.
    """
    first: list[int] = []
    last: list[int] = []
    for start in range(len(labels) - 1):
        if len(first) == count:
            break
        other = np.flatnonzero(labels[start + 1 :] != labels[start])
        partner = start + 1 + (int(other[0]) if len(other) else 0)
        if start not in last and partner not in last:
            first.append(start)
            last.append(partner)
    return np.array(first), np.array(last)


def interpolate(first: Array, last: Array, steps: int) -> Array:
    """Returns `(P, steps, D)` from `first` to `last`, `(P, D)`, in a line."""
    part = np.linspace(0.0, 1.0, steps, dtype="float32")[:, None]
    ways: Array = (1 - part) * first[:, None] + part * last[:, None]
    return ways


def draw_grid(model: Any, path: Path) -> None:
    """Draws what two latents are decoded to, at equal steps of probability.

    Args:
        model: Has `spec` and `decode`; two latents.
        path: The PNG.

    Reference:
        Kingma & Welling, 2014, fig. 4. https://arxiv.org/abs/1312.6114
    """
    images = model.decode(quantile_grid(GRID))
    pictures = to_bytes(images, model.spec.input.limits)
    save_png(tile(pictures, GRID), path)


def quantile_grid(side: int) -> Array:
    """Returns `(side^2, 2)`, each cell as probable under the prior.

    The first latent grows to the right, the second upwards.
    """
    cut = norm.ppf((np.arange(side) + 0.5) / side).astype("float32")
    right, up = np.meshgrid(cut, cut[::-1])
    return np.stack([right.ravel(), up.ravel()], axis=1)


def draw_map(
    mean: Array, labels: Array, classes: tuple[str, ...], path: Path
) -> None:
    """Draws the latents' means, coloured by class.

    More than two latents are turned into their two principal directions.

    Args:
        mean: `(N, D)`.
        labels: Class numbers `(N,)`.
        classes: Names.
        path: The PNG.
    """
    points, names = flatten(mean)
    figure = new_figure(6.2, 5.2)
    axes = figure.add_subplot()
    few = len(classes) <= TOLD_APART
    scatter = axes.scatter(
        *points.T, c=labels, s=7, lw=0, alpha=0.8,
        cmap="tab10" if few else "turbo",
        vmin=-0.5, vmax=(TOLD_APART if few else len(classes)) - 0.5,
    )  # fmt: skip
    axes.set(xlabel=names[0], ylabel=names[1])
    axes.spines[["top", "right"]].set_visible(False)
    if few and len(classes) > 1:
        for number, name in enumerate(classes):
            colour = scatter.cmap(scatter.norm(number))
            axes.scatter([], [], color=colour, label=plain(name), s=24)
        axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    elif not few:
        figure.colorbar(scatter, ax=axes, label="class number")
    save(figure, path)


def flatten(mean: Array) -> tuple[Array, tuple[str, str]]:
    """Returns points `(N, 2)` and the names of their axes.

    Args:
        mean: `(N, D)`: one latent is spread out by its rank, two stay as
            they are, more are projected.
    """
    latents = mean.shape[1]
    if latents == 1:
        rank = np.argsort(np.argsort(mean[:, 0])) / max(1, len(mean) - 1)
        return np.stack([mean[:, 0], rank], 1), ("latent", "part below")
    if latents == 2:
        return mean, ("first latent", "second latent")
    # Collapsed latents have no variance to be explained: 0 / 0.
    with np.errstate(invalid="ignore"):
        pca = PCA(2, random_state=0).fit(mean.astype("float64"))
    shares = np.nan_to_num(pca.explained_variance_ratio_)
    first, second = (
        f"{name} principal direction of the means ({share:.0%})"
        for name, share in zip(("first", "second"), shares, strict=True)
    )
    return pca.transform(mean.astype("float64")), (first, second)


def _draw_sheet(sheet: Array, title: str, path: Path) -> None:
    """Draws a tiled picture under a title."""
    height, width = sheet.shape[:2]
    inches = 6.2
    figure = new_figure(inches, 0.35 + inches * height / width)
    axes = figure.add_subplot()
    axes.imshow(sheet, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_title(title, fontsize=10)
    hide_axes(axes)
    save(figure, path)
