"""The types of tensors, by the name that each protocol gives them."""

from typing import Any

import numpy as np

BYTES = "bytes"
"""Name of the type of strings, TensorFlow's DT_STRING."""

_TABLE = (
    # NumPy, TensorFlow, Open Inference Protocol
    ("bool", "DT_BOOL", "BOOL"),
    ("uint8", "DT_UINT8", "UINT8"),
    ("uint16", "DT_UINT16", "UINT16"),
    ("uint32", "DT_UINT32", "UINT32"),
    ("uint64", "DT_UINT64", "UINT64"),
    ("int8", "DT_INT8", "INT8"),
    ("int16", "DT_INT16", "INT16"),
    ("int32", "DT_INT32", "INT32"),
    ("int64", "DT_INT64", "INT64"),
    ("float16", "DT_HALF", "FP16"),
    ("float32", "DT_FLOAT", "FP32"),
    ("float64", "DT_DOUBLE", "FP64"),
    (BYTES, "DT_STRING", "BYTES"),
)

TO_TENSORFLOW = {numpy: tensorflow for numpy, tensorflow, _ in _TABLE}
FROM_TENSORFLOW = {tensorflow: numpy for numpy, tensorflow, _ in _TABLE}
TO_INFERENCE = {numpy: inference for numpy, _, inference in _TABLE}
FROM_INFERENCE = {inference: numpy for numpy, _, inference in _TABLE}


def tensorflow_enum(dtype: str) -> str:
    """Returns TensorFlow's name of a type, `DT_FLOAT`; also of odd ones."""
    return TO_TENSORFLOW.get(dtype, f"DT_{dtype.upper()}")


def tensorflow_name(dtype: str) -> str:
    """Returns the name that TensorFlow's messages use: `float`."""
    return tensorflow_enum(dtype).removeprefix("DT_").lower()


def dtype_name(array: np.ndarray[Any, Any]) -> str:
    """Returns the name of an array's type; objects are strings here."""
    return BYTES if array.dtype == object else array.dtype.name
