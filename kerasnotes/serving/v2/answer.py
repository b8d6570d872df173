"""Answers of the Open Inference Protocol's `infer`, with binary tensors.

JSON has no NaN and no infinity: they are `null` in an answer. A client that
must tell them apart asks for binary data. Strings that are no UTF-8 are
base64, marked by the parameter `content_type: "base64"`.

Reference:
    Open Inference Protocol, `specification/protocol/inference_rest.md`;
    MLServer, "content types", for the parameter.
"""

from typing import Any

import numpy as np
import orjson

from kerasnotes.serving.engine.datatypes import TO_INFERENCE, dtype_name
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import Tensors
from kerasnotes.serving.http.exchange import json_bytes
from kerasnotes.serving.http.json_tensor import encode_base64
from kerasnotes.serving.http.tensor_text import as_served, numbers_text
from kerasnotes.serving.v2 import binary_tensors

Array = np.ndarray[Any, Any]
Json = dict[str, Any]


def write_infer(
    identity: str | None,
    requested: dict[str, bool],
    servable: Servable,
    outputs: Tensors,
) -> tuple[bytes, int | None]:
    """Returns the body that answers a request.

    Args:
        identity: The request's own name for itself.
        requested: Outputs, and whether as binary data.
        servable: Who answers.
        outputs: What it gave.

    Returns:
        The body, and the length of its JSON if binary tensors follow.

    Raises:
        ServingError: If an output is of a type that has no name here.
    """
    described, tail = [], []
    for name, binary in requested.items():
        array = as_served(name, outputs[name])
        one: Json = {
            "name": name,
            "shape": array.shape,
            "datatype": TO_INFERENCE[dtype_name(array)],
        }
        if binary:
            tail.append(binary_tensors.encode(array))
            one["parameters"] = {"binary_data_size": len(tail[-1])}
        else:
            _add_json(one, array)
        described.append(one)
    answer: Json = {
        "model_name": servable.name,
        "model_version": str(servable.version),
    }
    if identity is not None:
        answer["id"] = identity
    answer["outputs"] = described
    head = json_bytes(answer)
    if not tail:
        return head, None
    return b"".join([head, *tail]), len(head)


def _add_json(one: Json, array: Array) -> None:
    """Adds the values of an output, flat."""
    if array.dtype != object:
        one["data"] = orjson.Fragment(numbers_text(array.ravel()))
        return
    values = [
        value.encode() if isinstance(value, str) else bytes(value)
        for value in array.ravel()
    ]
    try:
        one["data"] = [value.decode("utf-8") for value in values]
    except UnicodeDecodeError:
        one["parameters"] = {"content_type": "base64"}
        one["data"] = [encode_base64(value) for value in values]
