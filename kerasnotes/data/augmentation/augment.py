"""Random variation of training images, with their masks.

Everything random is drawn by NumPy from (seed, key): the same batch comes
out whatever was drawn before, from any thread and on any backend. Shift,
turn, zoom and bend are one map from output to input pixels, and so one
resampling, by SciPy.

Departs from Keras's preprocessing layers, which were tried first: a layer
each for shift, turn and zoom resamples three times, many times slower than
SciPy does once (most of all on torch), and `RandomElasticTransform` draws a
second, different field for the masks.
"""

import dataclasses
import functools
from collections.abc import Callable

import numpy as np
from scipy import ndimage

from kerasnotes.base.errors import UsageError
from kerasnotes.data.augmentation.rand_augment import RandAugment
from kerasnotes.data.dataset import Array
from kerasnotes.data.spec import Spec


@dataclasses.dataclass(frozen=True)
class Amounts:
    """How far an augmentation goes, at most, either way.

    Args:
        shift: Part of height and width.
        angle: Degrees.
        zoom: Natural log of the scale.
        brightness: Part of the batch's range of values.
        contrast: Natural log of the factor about the image's mean.
        bend: Deviation of the elastic displacement, part of the side.
        symmetries: Whether to mirror and turn by quarter turns.
    """

    shift: float
    angle: float
    zoom: float
    brightness: float = 0.0
    contrast: float = 0.0
    bend: float = 0.0
    symmetries: bool = False


Vary = Callable[[Array, Array | None, int], tuple[Array, Array | None]]
"""From images, masks and a batch's number to both, varied."""
AMOUNTS = {
    ("light", "class"): Amounts(0.06, 8.0, 0.08),
    ("light", "mask"): Amounts(0.06, 10.0, 0.1, 0.08, 0.15),
    ("strong", "class"): Amounts(0.1, 15.0, 0.18, 0.12, 0.25, 0.012, True),
    ("strong", "mask"): Amounts(0.1, 20.0, 0.18, 0.12, 0.25, 0.02, True),
}
"""By strength, and whether there is a mask.

No mirroring in `light`: digits and text matter.
"""

GRID = 4
"""Points along each side of the elastic grid; the paper has 3."""


def make_augment(strength: str, spec: Spec, seed: int) -> Vary | None:
    """Returns the augmentation for a data set, or `None` for `none`.

    Args:
        strength: `none`, `light`, `strong` or `rand`.
        spec: The data's description.
        seed: Seed of everything random.

    Raises:
        UsageError: If the strength is unknown, or the data is a table.
    """
    if strength == "none":
        return None
    if strength == "rand" and spec.input.kind == "image":
        return RandAugment(spec.input.limits, seed)
    kind = "mask" if spec.target.kind == "mask" else "class"
    if (strength, kind) not in AMOUNTS:
        raise UsageError(
            f"There is no augmentation called `{strength}`.",
            expected="none, light or strong",
            received=strength,
        )
    if spec.input.kind != "image":
        raise UsageError(
            f"A table cannot be augmented ({spec.name}).",
            expected="--augment none for tables",
            received=f"--augment {strength}",
        )
    return Augment(AMOUNTS[strength, kind], seed)


class Augment:
    """Varies a batch; a pure function of seed, key and the batch.

    Args:
        amounts: How far to go.
        seed: Seed of everything random.
    """

    def __init__(self, amounts: Amounts, seed: int) -> None:
        self.amounts, self.seed = amounts, seed

    def __call__(
        self, images: Array, masks: Array | None, key: int
    ) -> tuple[Array, Array | None]:
        """Returns the batch varied, in new arrays.

        Args:
            images: `(B, H, W, C)`, float32, raw values of any range.
            masks: `(B, H, W)`, int32, moved as the images are; or `None`.
            key: Number of the batch, 0 or more.

        Returns:
            Images, float32, within the range of values of the batch, and
            masks, int32.
        """
        rng = np.random.default_rng([self.seed, key])
        images = np.asarray(images, "float32")
        low, high = float(images.min()), float(images.max())
        if self.amounts.symmetries:
            images, masks = apply_symmetries(images, masks, rng)
        images, masks = apply_warp(images, masks, self.amounts, rng)
        images = apply_light(images, self.amounts, high - low, rng)
        return np.clip(images, low, high), masks


def apply_symmetries(
    images: Array, masks: Array | None, rng: np.random.Generator
) -> tuple[Array, Array | None]:
    """Mirrors and turns each image by one of the square's 8 symmetries.

    Images that are not square are turned by half turns only.
    """
    square = images.shape[1] == images.shape[2]
    turns = rng.integers(0, 4, len(images))
    mirrored = rng.random(len(images)) < 0.5
    turns = turns if square else turns // 2 * 2

    def move(array: Array) -> Array:
        moved = np.empty_like(array)
        for i, one in enumerate(array):
            turned = np.rot90(one, turns[i])
            moved[i] = turned[:, ::-1] if mirrored[i] else turned
        return moved

    return move(images), None if masks is None else move(masks)


def affine_matrices(
    count: int,
    size: tuple[int, int],
    amounts: Amounts,
    rng: np.random.Generator,
) -> Array:
    """Draws maps from output to input pixels, about the image's centre.

    Returns:
        Array `(B, 2, 3)`: (row, column) in the input is the first two
        columns times (row, column) in the output, plus the third.
    """
    angle = np.deg2rad(rng.uniform(-amounts.angle, amounts.angle, count))
    scale = np.exp(rng.uniform(-amounts.zoom, amounts.zoom, count))
    shift = rng.uniform(-amounts.shift, amounts.shift, (count, 2))
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    linear = np.stack([cos, sin, -sin, cos], axis=1).reshape(count, 2, 2)
    centre = (np.array(size) - 1) / 2
    offset = centre - linear @ centre + shift * np.array(size)
    return np.concatenate([linear, offset[..., None]], axis=2)


def bend_fields(
    count: int, size: tuple[int, int], bend: float, rng: np.random.Generator
) -> Array:
    """Draws displacements: random on a coarse grid, cubic in between.

    Returns:
        Array `(B, 2, H, W)`, float32, rows and columns, in pixels.

    Reference:
        Ronneberger, Fischer & Brox, 2015, section 3.1.
        https://arxiv.org/abs/1505.04597
    """
    deviation = bend * min(size)
    coarse = rng.normal(0, deviation, (count, 2, GRID, GRID))
    fields: Array = _cubic(size[0]) @ coarse @ _cubic(size[1]).T
    return fields.astype("float32")


@functools.lru_cache(maxsize=16)
def _cubic(size: int) -> Array:
    """Returns the matrix `(size, GRID)` that interpolates along one axis."""
    matrix: Array = ndimage.zoom(
        np.eye(GRID), (size / GRID, 1), order=3, mode="nearest"
    )
    return matrix


def apply_warp(
    images: Array,
    masks: Array | None,
    amounts: Amounts,
    rng: np.random.Generator,
) -> tuple[Array, Array | None]:
    """Shifts, turns, zooms and bends; outside, the image is mirrored."""
    count, height, width, channels = images.shape
    size = (height, width)
    matrices = affine_matrices(count, size, amounts, rng)
    bends = None
    if amounts.bend:
        bends = bend_fields(count, size, amounts.bend, rng)
    moved = np.empty_like(images)
    moved_masks = None if masks is None else np.empty_like(masks)
    for i in range(count):
        field = None if bends is None else bends[i]
        for c in range(channels):
            _resample(images[i, ..., c], moved[i, ..., c], matrices[i], field)
        if masks is not None and moved_masks is not None:
            _resample(masks[i], moved_masks[i], matrices[i], field)
    return moved, moved_masks


def _resample(
    source: Array, target: Array, matrix: Array, field: Array | None
) -> None:
    """Fills `target` from `source`: linearly, class numbers by the nearest."""
    order = 0 if source.dtype.kind == "i" else 1
    if field is None:
        ndimage.affine_transform(
            source,
            matrix[:, :2],
            matrix[:, 2],
            output=target,
            order=order,
            mode="reflect",
        )
        return
    rows, columns = np.ogrid[: source.shape[0], : source.shape[1]]
    where = field + np.stack(
        [row[0] * rows + row[1] * columns + row[2] for row in matrix]
    )
    ndimage.map_coordinates(
        source, where, output=target, order=order, mode="reflect"
    )


def apply_light(
    images: Array, amounts: Amounts, span: float, rng: np.random.Generator
) -> Array:
    """Changes each image's contrast about its mean, and its brightness.

    Args:
        images: `(B, H, W, C)`.
        amounts: How far to go.
        span: Range of raw values that brightness is a part of.
        rng: Source of randomness.
    """
    shape = (len(images), 1, 1, 1)
    factor = np.exp(rng.uniform(-amounts.contrast, amounts.contrast, shape))
    offset = rng.uniform(-amounts.brightness, amounts.brightness, shape)
    mean = images.mean(axis=(1, 2), keepdims=True)
    varied: Array = (images - mean) * factor + mean + offset * span
    return varied.astype("float32")
