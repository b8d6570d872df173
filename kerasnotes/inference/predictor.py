"""Calling a model from NumPy with few, fixed batch shapes."""

from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.answering import Answering
from kerasnotes.data import inputs


class Predictor:
    """Answers for batches of raw inputs, compiled where the backend can.

    A batch is filled up to the next power of two with copies of its last
    example: JAX and TensorFlow compile anew for every batch shape.

    Args:
        model: A `keras.Model`, or what answers like one.

    Call arguments:
        x: Array `(B, ...)` of raw inputs, any real dtype; or inputs by name,
            whose whole numbers stay whole numbers.

    Returns:
        Array `(B, ...)`, float32; or outputs by name.
    """

    def __init__(self, model: Answering) -> None:
        self.model = model

    def __call__(self, x: Any) -> Any:
        count = inputs.count(x)
        if isinstance(x, dict):
            batch: Any = {k: filled(_typed(v)) for k, v in x.items()}
        else:
            batch = filled(inputs.as_fed(x))
        answer = self.model.predict_on_batch(batch)
        if isinstance(answer, dict):
            return {k: np.asarray(v)[:count] for k, v in answer.items()}
        return np.asarray(answer, "float32")[:count]


def _typed(x: Array) -> Array:
    whole = np.asarray(x).dtype.kind in "iu"
    return np.asarray(x, "int32" if whole else "float32")


def filled(batch: Array) -> Array:
    """Returns a batch with copies of its last example up to a power of two."""
    missing = next_power_of_two(len(batch)) - len(batch)
    if not missing:
        return batch
    return np.concatenate([batch, np.repeat(batch[-1:], missing, axis=0)])


def next_power_of_two(number: int) -> int:
    """Returns the smallest power of two that is at least `number`."""
    return 1 << max(0, number - 1).bit_length()


def previous_power_of_two(number: int) -> int:
    """Returns the largest power of two that is at most `number`, at least 1."""
    return 1 << max(0, number.bit_length() - 1)
