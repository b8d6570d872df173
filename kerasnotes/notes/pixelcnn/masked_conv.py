"""A convolution that sees what has been read already, and nothing else."""

from typing import Any, Literal

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Array, Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class MaskedConv(keras.layers.Layer):
    """A convolution of the same size whose kernel is masked along one axis.

    A kernel of several rows sees those above its centre (kind A) and the
    centre's own (kind B), in their whole width. One of a single row does so
    with columns: left of the centre, and the centre.

    The masked part is multiplied all the same: odd kernels of the same size
    run several times as fast as padded ones without it.

    Args:
        filters: Outputs.
        kernel_size: Height and width, odd.
        kind: `A` leaves the centre row or column out.

    Call arguments:
        x: Tensor `(B, H, W, D)`.

    Returns:
        Tensor `(B, H, W, filters)`.

    Reference:
        van den Oord et al., 2016, Pixel recurrent neural networks, section
        3.4. https://arxiv.org/abs/1601.06759
    """

    def __init__(
        self,
        filters: int,
        kernel_size: tuple[int, int],
        kind: Literal["A", "B"],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if any(side % 2 == 0 for side in kernel_size) or kind not in ("A", "B"):
            raise ValueError(
                "`kernel_size` must be odd, and `kind` A or B. Received: "
                f"kernel_size={tuple(kernel_size)}, kind={kind}"
            )
        self.filters, self.kernel_size = filters, tuple(kernel_size)
        self.kind = kind

    def build(self, input_shape: Shape) -> None:
        shape = (*self.kernel_size, input_shape[-1], self.filters)
        seen = self.mask.mean()
        # As Glorot's, of the part that is seen.
        self.kernel = self.add_weight(
            shape=shape,
            initializer=keras.initializers.VarianceScaling(
                1.0 / max(float(seen), 1e-6), "fan_avg", "uniform"
            ),
            name="kernel",
        )
        self.bias = self.add_weight(
            shape=(self.filters,), initializer="zeros", name="bias"
        )

    @property
    def seen(self) -> int:
        """Rows of a high kernel, or columns of a flat one, that it sees."""
        height, width = self.kernel_size
        return (
            max(height, 1) // 2 + (self.kind == "B")
            if height > 1
            else (width // 2 + (self.kind == "B"))
        )

    @property
    def mask(self) -> Array:
        """1 where the kernel sees, `(height, width, 1, 1)`."""
        mask = np.ones((*self.kernel_size, 1, 1), "float32")
        if self.kernel_size[0] > 1:
            mask[self.seen :] = 0.0
        else:
            mask[:, self.seen :] = 0.0
        return mask

    def call(self, x: Tensor) -> Tensor:
        kernel = ops.cast(self.kernel * self.mask, x.dtype)
        y = ops.conv(x, kernel, strides=1, padding="same")
        return y + ops.cast(self.bias, x.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "kind": self.kind,
        }
