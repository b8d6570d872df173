"""What a served model takes and gives, as its SavedModel says.

Imports no framework: protocols are written in these words.
"""

import dataclasses
from functools import cached_property
from typing import Any

import numpy as np

from kerasnotes.serving.engine.datatypes import BYTES, tensorflow_enum

DEFAULT = "serving_default"
"""The signature that is asked where none is named."""
PREDICT = "tensorflow/serving/predict"
CLASSIFY = "tensorflow/serving/classify"
REGRESS = "tensorflow/serving/regress"

Tensors = dict[str, np.ndarray[Any, Any]]
"""Arrays by name; those of strings hold `bytes` objects."""


@dataclasses.dataclass(frozen=True)
class TensorInfo:
    """One input or output.

    Args:
        name: Its name in the signature.
        dtype: NumPy's name of its type, or `bytes`.
        shape: Its shape, `None` where a length is free; `None` altogether
            if not even the number of axes is known.
        node: Name of the tensor in the graph.
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...] | None
    node: str = ""

    @property
    def rank(self) -> int | None:
        return None if self.shape is None else len(self.shape)

    @cached_property
    def np_dtype(self) -> np.dtype[Any]:
        """NumPy's type; `object` for strings."""
        return np.dtype(object if self.dtype == BYTES else self.dtype)

    @property
    def tf_enum(self) -> str:
        """TensorFlow's name of the type, `DT_FLOAT`."""
        return tensorflow_enum(self.dtype)

    @property
    def batched(self) -> bool:
        """Whether the first axis is free, and so counts examples."""
        return self.shape is not None and self.shape[:1] == (None,)

    def fits(self, shape: tuple[int, ...]) -> bool:
        """Tells whether an array of `shape` may be handed in."""
        return self.shape is None or (
            len(shape) == len(self.shape)
            and all(
                own is None or own == size
                for own, size in zip(self.shape, shape, strict=True)
            )
        )


@dataclasses.dataclass(frozen=True)
class SignatureInfo:
    """One named signature.

    Args:
        name: Its name, `serving_default`.
        method: What it is for, `tensorflow/serving/predict`.
        inputs: What it takes, by name.
        outputs: What it gives, by name.
    """

    name: str
    method: str
    inputs: dict[str, TensorInfo]
    outputs: dict[str, TensorInfo]

    @cached_property
    def batched(self) -> bool:
        """Whether every input and output counts examples by its first axis.

        Only such requests can be answered together.
        """
        sides = (*self.inputs.values(), *self.outputs.values())
        return bool(self.inputs) and all(each.batched for each in sides)
