"""Group normalization of images, followed by swish, in few passes."""

import math
from typing import Any

import keras
from keras import ops

from kerasnotes.backends.kernels.group_norm import (
    fast_group_norm,
    scale_and_swish,
)
from kerasnotes.base.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class GroupNorm(keras.layers.Layer):
    """Normalizes groups of channels of each image over its pixels.

        y = swish(gamma (x + shift - mean) / std + beta)

    Mean and variance come from the sums of `x` and of its squares, one
    reading of the image each; a shift, the same for all pixels, moves those
    sums and is never added to the image itself. Keras' own
    `GroupNormalization` reshapes, broadcasts and reads the image about
    twice as often.

    Args:
        groups: Into how many groups of neighbours channels are divided.
        epsilon: Added to the variance.
        swish: Whether `y * sigmoid(y)` follows.

    Call arguments:
        x: Tensor `(B, H, W, C)`, or `(B, L, C)`; sizes are fixed.
        shift: Tensor `(B, C)`, added to every pixel beforehand, or `None`.

    Returns:
        Tensor of the shape of `x`.

    Raises:
        ValueError: If `groups` does not divide the channels.

    Reference:
        Wu & He, 2018, eq. (7). https://arxiv.org/abs/1803.08494
    """

    def __init__(
        self,
        groups: int,
        epsilon: float = 1e-5,
        swish: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.groups, self.epsilon, self.swish = groups, epsilon, swish

    def build(self, x_shape: Shape, shift_shape: Shape | None = None) -> None:
        channels = x_shape[-1] or 0
        if channels % self.groups or not channels:
            raise ValueError(
                "`groups` must divide the number of channels. Received: "
                f"groups={self.groups}, channels={channels}"
            )
        self.gamma = self.add_weight(
            shape=(channels,), initializer="ones", name="gamma"
        )
        self.beta = self.add_weight(
            shape=(channels,), initializer="zeros", name="beta"
        )
        self.built = True

    def call(
        self, x: Tensor, shift: Tensor | None = None, training: bool = False
    ) -> Tensor:
        flat = ops.reshape(x, (-1, math.prod(x.shape[1:-1]), x.shape[-1]))
        y = None
        if training:
            y = fast_group_norm(
                flat,
                shift,
                self.gamma,
                self.beta,
                groups=self.groups,
                epsilon=self.epsilon,
                swish=self.swish,
            )
        if y is None:
            scale, offset = self._affine(flat, shift)
            y = scale_and_swish(flat, scale, offset, self.swish)
        return ops.reshape(y, (-1, *x.shape[1:]))

    def _affine(self, x: Tensor, shift: Tensor | None) -> tuple[Tensor, Tensor]:
        """Returns `a` and `b`, `(B, C)`, of the normalized `a x + b`."""
        # Sums in float32 whatever the precision: squares overflow float16.
        wide = ops.cast(x, "float32")
        first = ops.mean(wide, axis=1)
        second = ops.mean(ops.square(wide), axis=1)
        moved = 0.0
        if shift is not None:
            moved = ops.cast(shift, "float32")
            second = second + moved * (2.0 * first + moved)
            first = first + moved
        mean, square = self._pool(first), self._pool(second)
        variance = ops.maximum(square - ops.square(mean), 0.0)
        rate = ops.rsqrt(variance + self.epsilon)
        scale = self._spread(rate) * ops.cast(self.gamma, "float32")
        offset = (moved - self._spread(mean)) * scale
        return scale, offset + ops.cast(self.beta, "float32")

    def _pool(self, x: Tensor) -> Tensor:
        """Averages `(B, C)` over the channels of each group: `(B, G)`."""
        channels = x.shape[-1]
        shape = (-1, self.groups, channels // self.groups)
        return ops.mean(ops.reshape(x, shape), axis=-1)

    def _spread(self, x: Tensor) -> Tensor:
        """Hands each group's value `(B, G)` to its channels: `(B, C)`."""
        return ops.repeat(x, self.gamma.shape[0] // self.groups, axis=-1)

    def compute_output_shape(
        self, x_shape: Shape, shift_shape: Shape | None = None
    ) -> Shape:
        return x_shape

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "groups": self.groups,
            "epsilon": self.epsilon,
            "swish": self.swish,
        }
