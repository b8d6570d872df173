"""Does a request fit the signature that it asks for?"""

from typing import Any

import numpy as np

from kerasnotes.serving.engine.datatypes import dtype_name
from kerasnotes.serving.engine.errors import invalid
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import (
    DEFAULT,
    SignatureInfo,
    TensorInfo,
    Tensors,
)

Array = np.ndarray[Any, Any]


def find_signature(servable: Servable, name: str) -> SignatureInfo:
    """Returns a signature by name; the empty name is `serving_default`.

    Raises:
        ServingError: If there is none.
    """
    name = name or DEFAULT
    signature = servable.signatures.get(name)
    if signature is None:
        raise invalid(
            f'Serving signature name: "{name}" not found in signature def'
        )
    return signature


def check_tensors(
    info: SignatureInfo, tensors: Tensors, max_rows: int
) -> int | None:
    """Checks names, types and shapes against a signature.

    Returns:
        The number of examples; `None` where the first axis does not count
        them, so that the request stands for itself.

    Raises:
        ServingError: If they do not fit.
    """
    if tensors.keys() != info.inputs.keys():
        raise invalid(
            f"Expected the inputs {sorted(info.inputs)}, "
            f"received {sorted(tensors)}."
        )
    lengths = set()
    for name, array in tensors.items():
        _check_tensor(info.inputs[name], array)
        lengths.add(len(array) if array.ndim else None)
    rows = max((n for n in lengths if n is not None), default=0)
    if rows > max_rows:
        raise invalid(f"Expected at most {max_rows} examples, received {rows}.")
    if not info.batched or len(lengths) != 1 or not rows:
        return None
    return rows


def _check_tensor(info: TensorInfo, array: Array) -> None:
    if array.dtype != info.np_dtype:
        raise invalid(
            f"Input {info.name}: expected {info.dtype}, received "
            f"{dtype_name(array)}."
        )
    if not info.fits(array.shape):
        raise invalid(
            f"Input {info.name}: expected shape {_text(info.shape)}, "
            f"received {_text(array.shape)}."
        )


def _text(shape: tuple[int | None, ...] | None) -> str:
    sizes = ["?" if size is None else str(size) for size in shape or ()]
    return f"({', '.join(sizes)})"
