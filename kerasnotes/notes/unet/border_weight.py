"""Pixel weights that make a network learn the thin gaps between objects."""

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from kerasnotes.base.types import Array

REACH = 6.0
"""Sigmas after which the border term counts as 0: `exp(-18)`, 1.5e-8."""


def border_weight_map(
    mask: Array, w0: float = 10.0, sigma: float = 5.0
) -> Array:
    """Returns `w_c(x) + w0 exp(-(d1(x) + d2(x))^2 / (2 sigma^2))`.

    `d1` and `d2` are the distances, in pixels, from `x` to the nearest and
    the second nearest object. An object is a connected component (pixels
    touching at a corner do) of one class above 0; inside it, its distance is
    0. `w_c` balances the classes that the mask holds: `N / (K N_c)`, whose
    mean over the mask is 1.

    Args:
        mask: Integer array `(H, W)`; 0 is the ground.
        w0: Weight of a gap of width 0, at least 0.
        sigma: Width of the gaps that count, pixels, above 0.

    Returns:
        Array `(H, W)`, float32, above 0.

    Raises:
        ValueError: If `mask` is not two-dimensional or `sigma` not above 0.

    Reference:
        Ronneberger et al., 2015, eq. (2). https://arxiv.org/abs/1505.04597
    """
    mask = np.asarray(mask)
    if mask.ndim != 2:
        raise ValueError(
            f"`mask` must be (H, W). Received: mask.shape={mask.shape}"
        )
    if not sigma > 0:
        raise ValueError(f"`sigma` must be above 0. Received: sigma={sigma}")
    balance = _class_balance(mask)
    if not w0:
        return balance.astype("float32")
    d1, d2 = _two_nearest(mask, reach=REACH * sigma)
    border = w0 * np.exp(-((d1 + d2) ** 2) / (2.0 * sigma**2))
    return (balance + border).astype("float32")


def _class_balance(mask: Array) -> Array:
    _, index, counts = np.unique(mask, return_inverse=True, return_counts=True)
    weights = mask.size / (len(counts) * counts)
    return np.asarray(weights[index.reshape(mask.shape)])


def _two_nearest(mask: Array, reach: float) -> tuple[Array, Array]:
    """Returns distances to the nearest two objects; inf beyond `reach`."""
    d1 = np.full(mask.shape, np.inf)
    d2 = np.full(mask.shape, np.inf)
    margin = int(np.ceil(reach))
    for labels, number, box in _objects(mask):
        # Only the object's surroundings: hundreds of objects stay cheap.
        window = tuple(
            slice(max(0, side.start - margin), side.stop + margin)
            for side in box
        )
        d = ndimage.distance_transform_edt(labels[window] != number)
        second = np.maximum(d1[window], d)
        d2[window] = np.minimum(d2[window], second)
        d1[window] = np.minimum(d1[window], d)
    return d1, d2


def _objects(
    mask: Array,
) -> Iterator[tuple[Array, int, tuple[slice, slice]]]:
    """Yields every object: its label image, number and bounding box."""
    corners = np.ones((3, 3))
    for value in np.unique(mask[mask > 0]):
        labels, _ = ndimage.label(mask == value, corners)
        boxes = ndimage.find_objects(labels)
        for number, box in enumerate(boxes, start=1):
            yield labels, number, box
