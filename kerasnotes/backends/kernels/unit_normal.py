"""Normal random numbers by the cheapest exact way that a backend has."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor


def unit_normal(shape: Sequence[Any], seed: Any) -> Tensor:
    """Draws from `N(0, 1)`.

    TensorFlow's own kernel takes a logarithm, a sine and a cosine number by
    number; here they are whole-tensor operations, twice as fast on a CPU:

        r = sqrt(-2 log u),   (r cos 2 pi v, r sin 2 pi v),   u, v uniform

    JAX and PyTorch are left to their own, which are faster still.

    Args:
        shape: Sizes, numbers or scalar tensors.
        seed: A `keras.random.SeedGenerator`.

    Returns:
        Tensor of this shape, float32.

    Reference:
        Box & Muller, 1958. https://doi.org/10.1214/aoms/1177706645
    """
    if keras.backend.backend() != "tensorflow":
        return keras.random.normal(shape, dtype="float32", seed=seed)
    count = math.prod(shape)
    half = (count + 1) // 2
    u = keras.random.uniform((2, half), dtype="float32", seed=seed)
    # [0, 1) holds 0, whose logarithm is infinite; (0, 1] does not.
    radius = ops.sqrt(-2.0 * ops.log(1.0 - u[0]))
    angle = (2.0 * math.pi) * u[1]
    pair = [radius * ops.cos(angle), radius * ops.sin(angle)]
    return ops.reshape(ops.concatenate(pair)[:count], shape)
