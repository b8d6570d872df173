"""Inputs without labels, as generators learn from."""

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import DataError, UsageError
from kerasnotes.base.types import Array
from kerasnotes.data import fields
from kerasnotes.data.fields import Field

FEWEST_AXES = 2
"""Of rows of numbers; an array of one may be the labels themselves."""


def target(config: DataConfig) -> Field:
    """Returns the field of no label.

    Raises:
        UsageError: If the user names classes, of which there are none.
    """
    if config.classes:
        raise UsageError(
            "These inputs have no classes that --classes could name.",
            expected="a label for each input: of pictures, a sub-folder for "
            "each class; of arrays, labels called y",
            received=", ".join(config.classes),
        )
    return fields.NOTHING


def labels(x: Array, where: str) -> Array:
    """Returns what stands in place of labels, `(N,)`.

    Args:
        x: Inputs `(N, ...)`.
        where: What holds them, for messages.

    Raises:
        DataError: If they are sequences, which no generator learns from, or
            no array of examples.
    """
    if x.dtype.kind == "O" or x.ndim < FEWEST_AXES:
        raise DataError(
            f"The inputs of {where} have no labels.",
            expected="a label or a measured value for each, called y; or, for "
            "a generator, images or rows of numbers, in one array",
            received=f"one array of shape {x.shape}, {x.dtype}",
        )
    return np.zeros(len(x), "int32")
