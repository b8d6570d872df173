"""Reading float64 tables at the times of a batch."""

from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Tensor

Array = np.ndarray[Any, Any]


def lookup(table: Array, t: Tensor, like: Tensor) -> Tensor:
    """Returns `table[t]`, shaped to multiply `like`.

    Between two integers the entry is interpolated linearly.

    Args:
        table: Array `(T,)`, float64; rounded to the type of `like`.
        t: Tensor `(B,)`, integer or float, in `[0, T - 1]`.
        like: Tensor `(B, ...)`.

    Returns:
        Tensor `(B, 1, ...)` of the type and rank of `like`.
    """
    dtype = keras.backend.standardize_dtype(like.dtype)
    values = ops.convert_to_tensor(np.asarray(table, dtype))
    entries = _read(values, ops.convert_to_tensor(t), len(table) - 1)
    return ops.reshape(entries, (-1,) + (1,) * (len(like.shape) - 1))


def _read(values: Tensor, t: Tensor, last: int) -> Tensor:
    if "int" in keras.backend.standardize_dtype(t.dtype):
        return ops.take(values, t, axis=0)
    low = ops.clip(ops.floor(t), 0, last)
    part = ops.cast(ops.clip(t - low, 0, 1), values.dtype)
    index = ops.cast(low, "int32")
    above = ops.take(values, ops.minimum(index + 1, last), axis=0)
    return (1.0 - part) * ops.take(values, index, axis=0) + part * above
