"""Calling a model from NumPy with few, fixed batch shapes."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class Predictor:
    """Answers for batches of raw inputs, compiled where the backend can.

    A batch is filled up to the next power of two with copies of its last
    example: JAX and TensorFlow compile anew for every batch shape.

    Args:
        model: A `keras.Model` with one input and one output.

    Call arguments:
        x: Array `(B, ...)` of raw inputs, any real dtype.

    Returns:
        Array `(B, ...)`, float32.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def __call__(self, x: Array) -> Array:
        missing = next_power_of_two(len(x)) - len(x)
        batch = np.asarray(x, "float32")
        if missing:
            filling = np.repeat(batch[-1:], missing, axis=0)
            batch = np.concatenate([batch, filling])
        answer = self.model.predict_on_batch(batch)
        return np.asarray(answer, "float32")[: len(x)]


def next_power_of_two(number: int) -> int:
    """Returns the smallest power of two that is at least `number`."""
    return 1 << max(0, number - 1).bit_length()


def previous_power_of_two(number: int) -> int:
    """Returns the largest power of two that is at most `number`, at least 1."""
    return 1 << max(0, number.bit_length() - 1)
