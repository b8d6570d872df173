"""Batches of classified images, mixed: MixUp, CutMix, random erasing.

    mixup    x = l x_i + (1 - l) x_j,          y = l y_i + (1 - l) y_j
    cutmix   a box of x_j in place of x_i's,   y by the areas
    erasing  a box of noise in place of x_i's, y as it is

with `l ~ Beta(a, a)`, drawn for every example.

Reference:
    Zhang et al., 2018 (mixup). https://arxiv.org/abs/1710.09412
    Yun et al., 2019 (CutMix), algorithm A1. https://arxiv.org/abs/1905.04899
    Zhong et al., 2020 (random erasing), algorithm 1.
    https://arxiv.org/abs/1708.04896

Departs from it:
    - Keras' own layers draw from a state of their own: a resumed run would
      not see the batches of the uninterrupted one. They also take ten times
      as long and more: `python -m tests.bench.augmentation`.
"""

from collections.abc import Sequence

import numpy as np

from kerasnotes.base.types import Array

MIXUP, CUTMIX = 0.2, 1.0
"""The `a` of Beta(a, a)."""
ERASED = 0.5
"""Part of the images that lose a box."""
AREAS = (0.02, 0.33)
"""Of an erased box, as part of the image's."""
SLIMMEST = 0.3
"""Of its sides, the lesser over the greater."""


class Mixing:
    """Mixes a batch; a pure function of seed, key and the batch.

    Args:
        joined: Any of `mixup`, `cutmix` and `erasing`; of the first two, a
            batch has one or the other.
        classes: How many there are.
        seed: Of everything random.
    """

    def __init__(self, joined: Sequence[str], classes: int, seed: int) -> None:
        self.joined, self.classes, self.seed = tuple(joined), classes, seed

    def __call__(self, x: Array, y: Array, key: int) -> tuple[Array, Array]:
        """Returns the batch mixed, in new arrays.

        Args:
            x: Images `(B, H, W, C)`, float32.
            y: Classes `(B,)`.
            key: Number of the batch, 0 or more.

        Returns:
            Images, and the part of each class, `(B, K)`, float32; of erased
            images alone, the classes as they were.
        """
        rng = np.random.default_rng([self.seed, key, 1])
        if "erasing" in self.joined:
            x = erase(x, rng)
        x, shares = self.leave(x, y, key)
        if not self.ways:
            return x, shares
        if self.ways[rng.integers(len(self.ways))] == "mixup":
            return mixup(x, shares, rng)
        return cutmix(x, shares, rng)

    @property
    def ways(self) -> list[str]:
        """What mixes two images with each other."""
        return [way for way in self.joined if way != "erasing"]

    def leave(self, x: Array, y: Array, key: int) -> tuple[Array, Array]:
        """Returns a batch as it is, its classes as `__call__` gives them."""
        if not self.ways:
            return x, y
        return x, np.eye(self.classes, dtype="float32")[y]


def mixup(
    x: Array, shares: Array, rng: np.random.Generator, alpha: float = MIXUP
) -> tuple[Array, Array]:
    """Returns each image mixed with another, and so its shares `(B, K)`."""
    kept = rng.beta(alpha, alpha, len(x)).astype("float32")
    other = rng.permutation(len(x))
    over = kept[:, None, None, None]
    mixed = over * x + (1 - over) * x[other]
    return mixed, _blend(shares, other, kept)


def cutmix(
    x: Array, shares: Array, rng: np.random.Generator, alpha: float = CUTMIX
) -> tuple[Array, Array]:
    """Returns each image with a box of another, and shares by the areas."""
    count, height, width, _ = x.shape
    part = np.sqrt(1 - rng.beta(alpha, alpha, count))
    other = rng.permutation(count)
    rows = rng.integers(0, height, count)
    columns = rng.integers(0, width, count)
    mixed, kept = x.copy(), np.ones(count, "float32")
    for i in range(count):
        # Boxes are cut off at the border; what is left of them counts.
        down, across = int(height * part[i]) // 2, int(width * part[i]) // 2
        top, left = max(0, rows[i] - down), max(0, columns[i] - across)
        bottom = min(height, rows[i] + down)
        right = min(width, columns[i] + across)
        mixed[i, top:bottom, left:right] = x[other[i], top:bottom, left:right]
        kept[i] = 1 - (bottom - top) * (right - left) / (height * width)
    return mixed, _blend(shares, other, kept)


def erase(x: Array, rng: np.random.Generator, part: float = ERASED) -> Array:
    """Returns some of the images with a box of noise, of the batch's range."""
    count, height, width, channels = x.shape
    low, high = float(x.min()), float(x.max())
    erased = x.copy()
    for i in np.flatnonzero(rng.random(count) < part):
        area = rng.uniform(*AREAS) * height * width
        slim = np.exp(rng.uniform(np.log(SLIMMEST), -np.log(SLIMMEST)))
        down = int(np.clip(round(np.sqrt(area * slim)), 1, height))
        across = int(np.clip(round(np.sqrt(area / slim)), 1, width))
        top = rng.integers(0, height - down + 1)
        left = rng.integers(0, width - across + 1)
        erased[i, top : top + down, left : left + across] = rng.uniform(
            low, high, (down, across, channels)
        )
    return erased


def _blend(shares: Array, other: Array, kept: Array) -> Array:
    mixed: Array = kept[:, None] * shares + (1 - kept[:, None]) * shares[other]
    return mixed.astype("float32")
