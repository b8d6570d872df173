"""What a network knows of the image that it is to draw.

    inpaint     [mask * x, mask]    mask 1 where a pixel is known, else 0
    superres    x averaged over blocks, each mean repeated over its block

Either is concatenated to the noisy image, at every time. "Nothing known" is
0 everywhere: no image looks like it, its mask would have ones.

Reference:
    Saharia et al., 2022: Palette. https://arxiv.org/abs/2111.05826
    Saharia et al., 2021: SR3. https://arxiv.org/abs/2104.07636

Departs from it:
    - Gaps are rectangles and halves of the image, not brush strokes.
    - The loss is that of the whole image, not of the gap: the network also
      has to draw where nothing is known.
    - Small images are enlarged by repetition, not bicubically: it is exact
      on every backend.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.base.errors import UsageError
from kerasnotes.base.types import Tensor
from kerasnotes.data.dataset import Array
from kerasnotes.data.spec import Spec
from kerasnotes.notes.ddpm.config import Condition

SMALLEST, LARGEST = 0.25, 0.75
"""Sides of a gap, as parts of the image's."""
HALVES = (
    (0.0, 0.0, 0.5, 1.0),
    (0.5, 0.0, 0.5, 1.0),
    (0.0, 0.0, 1.0, 0.5),
    (0.0, 0.5, 1.0, 0.5),
)
"""Top, left, height and width of the four halves."""


class KnownImage:
    """Makes the channels that a network is given of the known image.

    Args:
        condition: What is known.
        factor: Side of the blocks that `superres` averages, pixels.
        spec: The data.

    Attributes:
        channels: Number of these channels; 0 for `none`.

    Raises:
        UsageError: If the data does not fit.
    """

    def __init__(self, condition: Condition, factor: int, spec: Spec) -> None:
        self.condition, self.factor, self.spec = condition, factor, spec
        self.channels = 0
        if condition == "none":
            return
        _check(condition, factor, spec)
        self.channels = int(spec.input.shape[-1] or 0) + (
            condition == "inpaint"
        )

    @property
    def given(self) -> Spec:
        """What a damaged or small image looks like."""
        if self.condition != "superres":
            return self.spec
        *sides, channels = self.spec.input.shape
        small = tuple((side or 0) // self.factor for side in sides)
        return self.spec.with_input(shape=(*small, channels))

    def nothing(self, count: int) -> Array:
        """Returns `count` times "nothing known", `(B, H, W, channels)`."""
        sides = [side or 0 for side in self.spec.input.shape[:2]]
        return np.zeros((count, *sides, self.channels), "float32")

    def encode(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Returns the channels `(B, H, W, channels)` of whole images.

        Args:
            x: Tensor `(B, H, W, C)`, scaled.
            mask: Tensor `(B, H, W, 1)`, 1 where known; `inpaint` only.
        """
        if self.condition == "superres":
            return self.enlarge(self.shrink(x))
        x, mask = ops.convert_to_tensor(x), ops.convert_to_tensor(mask)
        return ops.concatenate([x * mask, mask], axis=-1)

    def shrink(self, x: Tensor) -> Tensor:
        """Returns block means, `(B, H / factor, W / factor, C)`."""
        height, width, channels = (int(side) for side in x.shape[1:])
        size = self.factor
        blocks = (-1, height // size, size, width // size, size, channels)
        return ops.mean(ops.reshape(x, blocks), axis=(2, 4))

    def enlarge(self, x: Tensor) -> Tensor:
        """Repeats every pixel over its block."""
        return ops.repeat(
            ops.repeat(x, self.factor, axis=1), self.factor, axis=2
        )

    def damage(self, values: Array) -> Array:
        """Returns images with the halves missing in turn, or small ones.

        Args:
            values: Array `(B, H, W, C)`, raw.

        Returns:
            Array `(B, H, W, C)`, `nan` where missing, or
            `(B, H / factor, W / factor, C)`; float32.
        """
        whole = np.asarray(values, "float32")
        if self.condition == "superres":
            return np.asarray(ops.convert_to_numpy(self.shrink(whole)))
        gaps = np.asarray(HALVES, "float32")[np.arange(len(whole)) % 4]
        inside = ops.convert_to_numpy(self._inside(gaps))
        return np.where(np.asarray(inside) > 0, np.float32(np.nan), whole)

    def draw_mask(self, count: Any, seed: Any) -> Tensor:
        """Draws masks `(B, H, W, 1)`: a rectangle or a half is missing.

        Args:
            count: B, an integer or scalar tensor.
            seed: A `keras.random.SeedGenerator`.
        """
        draw = keras.random.uniform((count, 6), seed=seed)
        span = SMALLEST + (LARGEST - SMALLEST) * draw[:, :2]
        rectangle = ops.concatenate([draw[:, 2:4] * (1 - span), span], axis=1)
        which = ops.cast(ops.floor(4 * draw[:, 4]), "int32")
        # A draw that rounds up to 1 would be a fifth half.
        half = ops.take(np.asarray(HALVES, "float32"), which % 4, axis=0)
        gap = ops.where(draw[:, 5:] < 0.5, half, rectangle)
        return 1.0 - self._inside(gap)

    def _inside(self, gap: Tensor) -> Tensor:
        """Returns 1 in gaps `(B, 4)`: top, left, height, width, in parts."""
        height, width = (int(side or 0) for side in self.spec.input.shape[:2])
        gap = ops.convert_to_tensor(gap)
        inside = []
        for axis, side in enumerate((height, width)):
            centre = (ops.arange(side, dtype="float32") + 0.5) / side
            first, length = gap[:, axis, None], gap[:, axis + 2, None]
            inside.append((centre > first) & (centre < first + length))
        both = inside[0][:, :, None, None] & inside[1][:, None, :, None]
        return ops.cast(both, "float32")


def _check(condition: str, factor: int, spec: Spec) -> None:
    if spec.input.kind != "image":
        raise UsageError(
            "Only images are filled in or made sharper.",
            received=f"condition={condition}, {spec.name}: rows of a table",
            hint="--set condition=none",
        )
    sides = [side or 0 for side in spec.input.shape[:2]]
    if condition == "superres" and any(side % factor for side in sides):
        raise UsageError(
            "`superres_factor` does not divide the sides of the images.",
            expected="a divisor of " + " and ".join(map(str, sides)),
            received=f"superres_factor={factor}",
        )
