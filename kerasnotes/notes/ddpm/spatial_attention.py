"""Self-attention between the pixels of an image."""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class SpatialAttention(keras.layers.Layer):
    """Lets every pixel gather from all pixels of its image.

        softmax(Q K^T / sqrt(key_dim)) V,   then a dense layer

    Queries, keys and values come from one dense layer with a bias. The
    notes divide by `sqrt(d)` outside of the softmax, and for `d` take the
    size of the data; it belongs inside, and is the size of a head's key.

    Args:
        key_dim: Size of one head; the channels are a multiple of it.

    Call arguments:
        x: Tensor `(B, H, W, C)`.

    Returns:
        Tensor `(B, H, W, C)`.

    Raises:
        ValueError: If `key_dim` does not divide the channels.

    Reference:
        Vaswani et al., 2017, eq. (1). https://arxiv.org/abs/1706.03762
    """

    def __init__(self, key_dim: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.key_dim = key_dim

    def build(self, x_shape: Shape) -> None:
        channels = x_shape[-1] or 0
        if channels % self.key_dim or not channels:
            raise ValueError(
                "`key_dim` must divide the number of channels. Received: "
                f"key_dim={self.key_dim}, channels={channels}"
            )
        self.channels = channels
        dtype = self.dtype_policy
        self.qkv = keras.layers.Dense(3 * channels, dtype=dtype, name="qkv")
        self.project = keras.layers.Dense(channels, dtype=dtype, name="project")
        self.qkv.build((None, None, channels))
        self.project.build((None, None, channels))
        self.built = True

    def call(self, x: Tensor) -> Tensor:
        pixels = x.shape[1] * x.shape[2]
        heads = self.channels // self.key_dim
        flat = ops.reshape(x, (-1, pixels, self.channels))
        # (B, L, 3, N, D) -> (3, B, N, L, D)
        qkv = ops.reshape(self.qkv(flat), (-1, pixels, 3, heads, self.key_dim))
        query, key, value = ops.unstack(
            ops.transpose(qkv, (2, 0, 3, 1, 4)), 3, axis=0
        )
        query = query * (self.key_dim**-0.5)
        scores = ops.matmul(query, ops.swapaxes(key, -1, -2))
        # Softmax in float32 whatever the precision: bfloat16 has 8 bits.
        weights = ops.softmax(ops.cast(scores, "float32"), axis=-1)
        mixed = ops.matmul(ops.cast(weights, value.dtype), value)
        mixed = ops.reshape(
            ops.transpose(mixed, (0, 2, 1, 3)), (-1, pixels, self.channels)
        )
        return ops.reshape(
            self.project(mixed), (-1, *x.shape[1:3], self.channels)
        )

    def compute_output_shape(self, x_shape: Shape) -> Shape:
        return x_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "key_dim": self.key_dim}
