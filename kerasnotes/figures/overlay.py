"""Colours: images to 8-bit RGB, masks laid over them, errors marked."""

import colorsys
from collections.abc import Sequence

import numpy as np

from kerasnotes.base.types import Array

# Okabe & Ito's set, then Tol's: told apart by colour-blind readers too.
_COLOURS = (
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#F0E442",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
    "#882255",
    "#AAFF66",
    "#7755DD",
    "#FF8899",
    "#44DDCC",
)
_GROUND = "#2B2B2B"
_GROUNDS = ("background", "ground", "bg", "unlabeled", "unlabelled")

MISSED, EXTRA, CONFUSED = "#4C9BFF", "#FF5A36", "#FFFFFF"
"""Of the error picture: object called ground, ground called object, object
called another."""


def rgb_of(colour: str) -> Array:
    """Returns `#RRGGBB` as three 8-bit numbers."""
    return np.frombuffer(bytes.fromhex(colour[1:]), "uint8")


def ground_class(classes: Sequence[str], counts: Array | None = None) -> int:
    """Returns which class is the ground that the others lie on.

    Args:
        classes: The classes' names; one called `background` is the ground.
        counts: Pixels of each class; else the commonest is.
    """
    for number, name in enumerate(classes):
        if name.strip().lower() in _GROUNDS:
            return number
    return 0 if counts is None else int(np.argmax(counts))


def palette(num_classes: int, ground: int) -> Array:
    """Returns a colour for each class, `(K, 3)`, uint8; the ground's dark."""
    colours = np.empty((num_classes, 3), "uint8")
    # The ground keeps its place: a class has one colour in every picture.
    for number in range(num_classes):
        if number < len(_COLOURS):
            colours[number] = rgb_of(_COLOURS[number])
            continue
        # Golden-ratio steps keep neighbours in the list apart in hue.
        hue = (0.618034 * number) % 1.0
        value = (1.0, 0.7, 0.85)[number % 3]
        colour = colorsys.hsv_to_rgb(hue, 0.65, value)
        colours[number] = np.round(255 * np.array(colour))
    colours[ground] = rgb_of(_GROUND)
    return colours


def to_rgb(image: Array) -> Array:
    """Returns a raw image `(H, W, C)` as uint8 `(H, W, 3)` to look at.

    8-bit images stay as they are. Others, and 8-bit images of fewer than 32
    levels, are stretched from their 0.5th to their 99.5th percentile.
    """
    image = np.asarray(image)
    image = image[..., :3] if image.shape[-1] >= 3 else image[..., :1]
    if image.dtype != np.uint8 or image.max(initial=0) < 32:
        values = np.nan_to_num(image.astype("float32"))
        low, high = np.percentile(values, (0.5, 99.5))
        scale = 255.0 / max(float(high - low), 1e-12)
        image = np.clip((values - low) * scale, 0, 255).astype("uint8")
    return np.repeat(image, 3, axis=-1) if image.shape[-1] == 1 else image


def tint(
    rgb: Array, mask: Array, colours: Array, ground: int, strength: float = 0.55
) -> Array:
    """Lays a mask over an image: classes tinted, their outlines drawn.

    Args:
        rgb: Array `(H, W, 3)`, uint8.
        mask: Integers `(H, W)`.
        colours: Array `(K, 3)`, uint8.
        ground: The class left untinted.
        strength: Of the tint, 0 to 1.

    Returns:
        Array `(H, W, 3)`, uint8.
    """
    weight = np.where(mask == ground, 0.0, strength).astype("float32")
    # An object's own outline stays inside it: thin ground remains visible.
    weight[outline(mask) & (mask != ground)] = 1.0
    return _blend(rgb, colours[mask], weight)


def outline(mask: Array) -> Array:
    """Returns which pixels have a neighbour (side) of another class."""
    edge = np.zeros(mask.shape, bool)
    down = mask[1:] != mask[:-1]
    edge[1:] |= down
    edge[:-1] |= down
    across = mask[:, 1:] != mask[:, :-1]
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    return edge


def mark_errors(rgb: Array, truth: Array, answer: Array, ground: int) -> Array:
    """Dims an image and marks its wrong pixels by the kind of error.

    Args:
        rgb: Array `(H, W, 3)`, uint8.
        truth: Integers `(H, W)`.
        answer: Integers `(H, W)`.
        ground: The class that objects lie on.

    Returns:
        Array `(H, W, 3)`, uint8.
    """
    wrong = truth != answer
    colour = np.empty((*truth.shape, 3), "uint8")
    colour[...] = rgb_of(CONFUSED)
    colour[answer == ground] = rgb_of(MISSED)
    colour[truth == ground] = rgb_of(EXTRA)
    grey = rgb.astype("float32").mean(axis=-1, keepdims=True)
    dim = np.repeat((0.45 * grey).astype("uint8"), 3, axis=-1)
    return _blend(dim, colour, wrong.astype("float32"))


def _blend(rgb: Array, colour: Array, weight: Array) -> Array:
    weight = weight[..., None]
    mixed = np.round(rgb * (1.0 - weight) + colour * weight)
    return np.asarray(mixed, "uint8")
