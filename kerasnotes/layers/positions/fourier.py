"""NeRF's gamma(p): sines and cosines of a continuous coordinate."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Shape, Tensor


@keras.saving.register_keras_serializable("kerasnotes")
class FourierPositions(keras.layers.Layer):
    """Maps coordinates to sines and cosines whose frequencies double.

        gamma(p) = (sin(2^0 pi p), cos(2^0 pi p), ...,
                    sin(2^(L-1) pi p), cos(2^(L-1) pi p))

    Another map than the Transformer's: of a continuous coordinate in
    `[-1, 1]`, not of a whole number, and its frequencies grow by 2. The
    authors' code leaves `pi` out and puts `p` itself in front
    (`with_pi=False, with_input=True`).

    Args:
        num_frequencies: `L`, at least 1.
        with_pi: Whether frequencies are `2^l pi` (the paper), or `2^l`.
        with_input: Whether `p` itself stands in front.

    Call arguments:
        p: Tensor `(..., K)`, coordinates in `[-1, 1]`.

    Returns:
        Tensor `(..., K (2 L + with_input))`: for each frequency the sines
        of all coordinates, then their cosines.

    Raises:
        ValueError: If `num_frequencies` is below 1.

    Reference:
        Mildenhall et al., 2020, eq. (4). https://arxiv.org/abs/2003.08934
    """

    def __init__(
        self,
        num_frequencies: int,
        with_pi: bool = True,
        with_input: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if num_frequencies < 1:
            raise ValueError(
                "At least one frequency is needed. Received: "
                f"num_frequencies={num_frequencies}"
            )
        self.num_frequencies = num_frequencies
        self.with_pi, self.with_input = with_pi, with_input

    def call(self, p: Tensor) -> Tensor:
        parts = [p] if self.with_input else []
        for level in range(self.num_frequencies):
            frequency = 2.0**level * (np.pi if self.with_pi else 1.0)
            angle = p * frequency
            parts += [ops.sin(angle), ops.cos(angle)]
        return ops.concatenate(parts, axis=-1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        times = 2 * self.num_frequencies + self.with_input
        return (*input_shape[:-1], (input_shape[-1] or 0) * times)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_frequencies": self.num_frequencies,
            "with_pi": self.with_pi,
            "with_input": self.with_input,
        }
