"""RandAugment: a few of fourteen variations of an image, one after another.

Each image gets `OPERATIONS` of them, drawn with equal chances, each at the
strength `MAGNITUDE` of 30. Pillow computes them, on 8 bits a channel.

Reference:
    Cubuk et al., 2019, section 3; ranges as in AutoAugment's table 6.
    https://arxiv.org/abs/1909.13719

Departs from it:
    - Keras' own layer takes ten times as long on a CPU, and draws from a
      state of its own: `python -m tests.bench.augmentation`.
    - What comes in from outside is mirrored, not grey.
"""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from kerasnotes.base.types import Array

OPERATIONS, MAGNITUDE = 2, 9
HIGHEST = 30
PADDING = 2
"""Parts of a side that are mirrored around an image before it is moved."""
Picture = Any
Operation = Callable[[Picture, float], Picture]


def _moved(
    matrix: Callable[[float, int, int], tuple[float, ...]], most: float
) -> Operation:
    """Returns an affine map about the centre; `most` at the full strength."""

    def apply(picture: Picture, amount: float) -> Picture:
        width, height = picture.size
        down, across = height // PADDING, width // PADDING
        rows, columns = _mirrored(height, down), _mirrored(width, across)
        large = Image.fromarray(np.asarray(picture)[rows][:, columns])
        a, b, c, d, e, f = matrix(amount * most, width, height)
        x, y = across + (width - 1) / 2, down + (height - 1) / 2
        moved = large.transform(
            large.size,
            Image.Transform.AFFINE,
            (a, b, c + x - a * x - b * y, d, e, f + y - d * x - e * y),
            resample=Image.Resampling.BILINEAR,
        )
        return moved.crop((across, down, across + width, down + height))

    return apply


@functools.lru_cache(maxsize=64)
def _mirrored(length: int, more: int) -> Array:
    """Returns places of an axis with `more` mirrored ones on both sides."""
    return np.pad(np.arange(length), more, mode="symmetric")


def _rotation(angle: float, width: int, height: int) -> tuple[float, ...]:
    cos, sin = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    return cos, sin, 0, -sin, cos, 0


def _enhanced(kind: Any) -> Operation:
    return lambda picture, amount: kind(picture).enhance(1 + 0.9 * amount)


OPERATIONS_BY_NAME: dict[str, Operation] = {
    "identity": lambda picture, _: picture,
    "autocontrast": lambda picture, _: ImageOps.autocontrast(picture),
    "equalize": lambda picture, _: ImageOps.equalize(picture),
    "rotate": _moved(_rotation, 30),
    "solarize": lambda picture, amount: ImageOps.solarize(
        picture, round(256 * (1 - abs(amount)))
    ),
    "posterize": lambda picture, amount: ImageOps.posterize(
        picture, round(8 - 4 * abs(amount))
    ),
    "color": _enhanced(ImageEnhance.Color),
    "contrast": _enhanced(ImageEnhance.Contrast),
    "brightness": _enhanced(ImageEnhance.Brightness),
    "sharpness": _enhanced(ImageEnhance.Sharpness),
    "shear-x": _moved(lambda m, w, h: (1, m, 0, 0, 1, 0), 0.3),
    "shear-y": _moved(lambda m, w, h: (1, 0, 0, m, 1, 0), 0.3),
    "translate-x": _moved(lambda m, w, h: (1, 0, m * w, 0, 1, 0), 0.45),
    "translate-y": _moved(lambda m, w, h: (1, 0, 0, 0, 1, m * h), 0.45),
}
"""Each from a picture and an amount in `[-1, 1]`, 0 for none."""


class RandAugment:
    """Varies a batch; a pure function of seed, key and the batch.

    Args:
        limits: Smallest and largest raw value.
        seed: Of everything random.
    """

    def __init__(self, limits: tuple[float, float], seed: int) -> None:
        self.limits, self.seed = limits, seed

    def __call__(
        self, images: Array, masks: Array | None, key: int
    ) -> tuple[Array, Array | None]:
        """Returns the batch varied, in new arrays.

        Args:
            images: `(B, H, W, C)`, raw values, one channel or three.
            masks: As they are returned: there are none.
            key: Number of the batch, 0 or more.
        """
        rng = np.random.default_rng([self.seed, key])
        low, high = self.limits
        scaled = (np.asarray(images, "float32") - low) * (255 / (high - low))
        bytes_ = np.clip(np.rint(scaled), 0, 255).astype("uint8")
        varied = np.stack([vary(image, rng) for image in bytes_])
        raw = varied.astype("float32") * ((high - low) / 255) + low
        return raw.astype("float32"), masks


def vary(image: Array, rng: np.random.Generator) -> Array:
    """Returns one image `(H, W, C)`, uint8, varied."""
    grey = image.shape[-1] == 1
    picture = Image.fromarray(image[..., 0] if grey else image)
    names = list(OPERATIONS_BY_NAME)
    for number in rng.integers(0, len(names), OPERATIONS):
        sign = rng.choice((-1.0, 1.0))
        amount = sign * MAGNITUDE / HIGHEST
        picture = OPERATIONS_BY_NAME[names[number]](picture, amount)
    return np.asarray(picture).reshape(image.shape)
