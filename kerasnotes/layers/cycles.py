"""Numbers that come round, as sines and cosines (Fourier terms).

    sin(2 pi k x / P), cos(2 pi k x / P),   k = 1 .. K

Hour 23 is then as near to hour 0 as to hour 22.

Reference:
    Hyndman & Athanasopoulos, 2021, Forecasting: principles and practice,
    section 7.4. https://otexts.com/fpp3/useful-predictors.html
"""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor

HARMONICS = 3
"""As many tell seven days apart, whatever each is like."""


@keras.saving.register_keras_serializable("kerasnotes")
class Cycles(keras.layers.Layer):
    """Replaces numbers that come round by Fourier terms.

    Args:
        places: Which columns of the input come round.
        periods: After how much each does.
        harmonics: `K`, pairs of sine and cosine for each.
        name: The layer's name.

    Call arguments:
        x: Tensor `(..., D)`, raw.

    Returns:
        Tensor `(..., 2 K len(places))`, float32: all sines, then all cosines.
    """

    def __init__(
        self,
        places: Sequence[int],
        periods: Sequence[float],
        harmonics: int = HARMONICS,
        **kwargs: Any,
    ) -> None:
        super().__init__(**{"dtype": "float32", **kwargs})
        self.places = [int(place) for place in places]
        self.periods = [float(period) for period in periods]
        self.harmonics = int(harmonics)

    def call(self, x: Tensor) -> Tensor:
        turns = ops.take(x, self.places, axis=-1)
        turns = turns / ops.convert_to_tensor(self.periods, "float32")
        angles = ops.concatenate(
            [2 * math.pi * k * turns for k in range(1, self.harmonics + 1)], -1
        )
        return ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        width = 2 * self.harmonics * len(self.places)
        return (*input_shape[:-1], width)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "places": self.places,
            "periods": self.periods,
            "harmonics": self.harmonics,
        }
