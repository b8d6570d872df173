"""Raw values to the range that diffusion works in, and back."""

from collections.abc import Sequence

import numpy as np
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.data.dataset import Array
from kerasnotes.data.spec import Spec
from kerasnotes.layers.standardization import deviations


class ValueScale:
    """Pixels to `[-1, 1]` by their limits, columns to unit deviation.

    Args:
        spec: The data.
        mean: Per column, of raw training values; tables only.
        variance: Per column, of raw training values; tables only.

    Attributes:
        scale: `raw = scale x + shift`, array `()` or `(D,)`, float32.
        shift: The same.
        clip: Ends of the scaled range; `None` where there are none.
        bin: Distance of neighbouring raw values once scaled; `None` for
            values that are not whole numbers.
    """

    def __init__(
        self, spec: Spec, mean: Sequence[float], variance: Sequence[float]
    ) -> None:
        self.clip: tuple[float, float] | None = None
        self.bin: float | None = None
        self.limits = spec.input.limits
        if spec.input.kind == "image":
            low, high = spec.input.limits
            half = (high - low) / 2 or 1.0
            self.shift = np.asarray(low + half, "float32")
            self.scale = np.asarray(half, "float32")
            self.clip = (-1.0, 1.0)
            if spec.input.dtype in ("uint8", "uint16"):
                self.bin = 1.0 / half
            return
        self.shift = np.asarray(mean, "float32")
        self.scale = deviations(mean, variance).astype("float32")

    def to_unit(self, x: Tensor) -> Tensor:
        """Returns raw values, Tensor `(B, ...)`, scaled, in float32."""
        return (ops.cast(x, "float32") - self.shift) / self.scale

    def to_raw(self, x: Array) -> Array:
        """Returns scaled values, array, in raw units; pixels clipped."""
        raw = np.asarray(x, "float32") * self.scale + self.shift
        if self.clip is not None:
            raw = np.clip(raw, *self.limits)
        return np.asarray(raw, "float32")
