"""Mirroring an image outwards, as the overlap-tile strategy does."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class MirrorContext(keras.layers.Layer):
    """Extends an image by its mirror image, for a U-Net without padding.

    An unpadded U-Net of depth `d` with two 3x3 convolutions a level turns
    `n + m` pixels into `n` only where `n = 2**d * k - 4 * (2**d - 1)`, with
    `m = 12 * 2**d - 8` (184 at `d = 4`: 572 becomes 388). The layer adds
    `m / 2` mirrored pixels on either side, and at the end as many more as
    the next possible `n` needs; `CenterCrop` cannot remove those, so the
    network's output is sliced from its start.

    Args:
        depth: Number of poolings, at least 1.

    Call arguments:
        x: Tensor `(B, H, W, C)`.

    Returns:
        Tensor `(B, n_h + m, n_w + m, C)` with `n_h >= H`, `n_w >= W`.

    Reference:
        Ronneberger et al., 2015, section 2, figure 2.
        https://arxiv.org/abs/1505.04597
    """

    def __init__(self, depth: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.depth = depth
        self.margin = 12 * 2**depth - 8

    def padded(self, size: Any) -> Any:
        """Returns the input size for at least `size` output pixels."""
        unit = 2**self.depth
        lost = 4 * (unit - 1)
        # Smallest k with unit * k - lost >= size, and at least one pixel.
        k = (size + lost + unit - 1) // unit
        return unit * k - lost + self.margin

    def call(self, x: Tensor) -> Tensor:
        for axis in (1, 2):
            size = ops.shape(x)[axis]
            index = ops.arange(self.padded(size)) - self.margin // 2
            x = ops.take(x, mirror_index(index, size), axis=axis)
        return x

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        batch, height, width, channels = input_shape
        sizes = (s if s is None else self.padded(s) for s in (height, width))
        return (batch, *sizes, channels)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "depth": self.depth}


def mirror_index(index: Tensor, size: Any) -> Tensor:
    """Folds any index into `0 .. size - 1` by mirroring at both ends.

    The edge pixel is not repeated, as in NumPy's `reflect`; unlike there,
    `index` may lie any number of sizes away.

    Args:
        index: Integer tensor `(N,)`.
        size: Number of pixels, at least 1.
    """
    period = ops.maximum(2 * (size - 1), 1)
    index = ops.mod(index, ops.cast(period, index.dtype))
    return ops.minimum(index, ops.cast(2 * (size - 1), index.dtype) - index)
