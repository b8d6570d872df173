"""Requests of the Open Inference Protocol's `infer`, and binary tensors.

Strings that are no UTF-8 may be base64, marked by the parameter
`content_type: "base64"`.

Reference:
    Open Inference Protocol, `specification/protocol/inference_rest.md`;
    MLServer, "content types", for the parameter.
"""

import dataclasses
import math
from typing import Any

import numpy as np

from kerasnotes.serving.engine.datatypes import (
    BYTES,
    FROM_INFERENCE,
    TO_INFERENCE,
)
from kerasnotes.serving.engine.errors import invalid
from kerasnotes.serving.engine.request_check import find_signature
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import SignatureInfo, Tensors
from kerasnotes.serving.http.json_body import parse_object, shorten
from kerasnotes.serving.http.json_tensor import (
    decode_base64,
    flatten,
    outer_shape,
    read_leaves,
)
from kerasnotes.serving.v2 import binary_tensors
from kerasnotes.serving.v2.binary_tensors import may_be_shape

Array = np.ndarray[Any, Any]
Json = dict[str, Any]
EXTENSIONS = (
    "classification",
    "shared_memory_region",
    "shared_memory_byte_size",
)
"""Parameters of Triton's extensions that change the answer; not offered."""


@dataclasses.dataclass(frozen=True, slots=True)
class Infer:
    """A request for an inference.

    Args:
        id: Of the request, given back with the answer.
        signature: What is asked.
        tensors: An array for each input.
        outputs: Wanted outputs, and whether as binary data.
        timeout: Seconds; `None`: the server's.
    """

    id: str | None
    signature: SignatureInfo
    tensors: Tensors
    outputs: dict[str, bool]
    timeout: float | None


def read_infer(
    body: bytes,
    header: bytes | None,
    servable: Servable,
    max_depth: int,
    sent: int | None = None,
) -> Infer:
    """Reads the body of `infer`.

    Args:
        body: JSON, with binary tensors behind it or without.
        header: Length of the JSON, if it was sent.
        servable: The version that is asked.
        max_depth: Most axes of a tensor.
        sent: Bytes of it on the wire, if it came compressed.

    Raises:
        ServingError: If it cannot be read.
    """
    head, tail = binary_tensors.split(body, header)
    request = parse_object(head, sent)
    parameters = _parameters(request, "The request")
    name = parameters.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid("Expected a string as the parameter signature_name.")
    signature = find_signature(servable, name)
    identity = request.get("id")
    if identity is not None and not isinstance(identity, str):
        raise invalid(f"Expected a string as id, received {shorten(identity)}.")
    tensors = _read_inputs(request, tail, max_depth)
    outputs = _read_outputs(request, signature, parameters)
    return Infer(identity, signature, tensors, outputs, _timeout(parameters))


def _parameters(holder: Json, what: str) -> Json:
    parameters = holder.get("parameters")
    if parameters is None:
        return {}
    if not isinstance(parameters, dict):
        raise invalid(f"{what}: expected an object as parameters.")
    for name in EXTENSIONS:
        if name in parameters:
            raise invalid(f"{what}: the extension {name} is not offered.")
    return parameters


def _timeout(parameters: Json) -> float | None:
    """Returns Triton's parameter `timeout`, microseconds, in seconds."""
    timeout = parameters.get("timeout")
    if type(timeout) is not int or timeout <= 0:
        return None
    # A number of thousands of digits is no float.
    return min(timeout, 10**15) / 1e6


def _read_inputs(request: Json, tail: memoryview, max_depth: int) -> Tensors:
    inputs = request.get("inputs")
    if not isinstance(inputs, list):
        raise invalid("Expected a list as inputs.")
    tensors: Tensors = {}
    start = 0
    for place, value in enumerate(inputs):
        name = _name(value, f"inputs[{place}]")
        if name in tensors:
            raise invalid(f"Input {name} is given twice.")
        parameters = _parameters(value, f"Input {name}")
        shape = _shape(value, name, max_depth)
        dtype = _dtype(value, name)
        size = parameters.get("binary_data_size")
        if size is None:
            tensors[name] = _from_json(value, name, shape, dtype, parameters)
            continue
        if type(size) is not int or not 0 <= size <= len(tail) - start:
            raise invalid(
                f"Input {name}: {len(tail) - start} bytes are left, "
                f"binary_data_size is {shorten(size)}."
            )
        part = tail[start : start + size]
        tensors[name] = binary_tensors.decode(name, part, shape, dtype)
        start += size
    if start != len(tail):
        raise invalid(
            f"{len(tail) - start} bytes behind the last input's binary data."
        )
    return tensors


def _name(value: Any, where: str) -> str:
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str):
        raise invalid(f"{where}: expected an object with a name.")
    return name


def _shape(value: Json, name: str, max_depth: int) -> tuple[int, ...]:
    shape = value.get("shape")
    if (
        not isinstance(shape, list)
        or len(shape) > max_depth
        or not all(type(n) is int and n >= 0 for n in shape)
        or not may_be_shape(shape)
    ):
        raise invalid(
            f"Input {name}: expected a list of lengths as shape, received "
            f"{shorten(shape)}."
        )
    return tuple(shape)


def _dtype(value: Json, name: str) -> str:
    datatype = value.get("datatype")
    if not isinstance(datatype, str) or datatype not in FROM_INFERENCE:
        raise invalid(
            f"Input {name}: expected a datatype of "
            f"{', '.join(FROM_INFERENCE)}, received {shorten(datatype)}."
        )
    return FROM_INFERENCE[datatype]


def _from_json(
    value: Json,
    name: str,
    shape: tuple[int, ...],
    dtype: str,
    parameters: Json,
) -> Array:
    """Returns the values of an input, nested like its shape or flat."""
    if "data" not in value:
        raise invalid(f"Input {name}: expected data or binary_data_size.")
    data = value["data"]
    count = math.prod(shape)
    data_shape = outer_shape(data, len(shape) + 1)
    flat = flatten(data, data_shape)
    if flat is None or data_shape not in (shape, (count,)):
        raise invalid(
            f"Input {name}: expected {count} values, flat or nested as "
            f"{list(shape)}, received {shorten(data)}."
        )
    array = _values(flat, dtype)
    if array is None:
        raise invalid(
            f"Input {name}: expected values of the type {TO_INFERENCE[dtype]}, "
            f"received {shorten(data)}."
        )
    if dtype == BYTES and parameters.get("content_type") == "base64":
        array = _from_base64(array, name)
    return array.reshape(shape)


def _values(flat: list[Any], dtype: str) -> Array | None:
    """Returns JSON values as an array; `None` if one is not of the type."""
    if not dtype.startswith("float"):
        return read_leaves(flat, dtype)
    if not set(map(type, flat)) <= {float, int}:
        return None
    try:
        array = np.array(flat, np.float64)
    except OverflowError:
        return None
    with np.errstate(over="ignore"):
        narrow = array.astype(dtype)
    if np.isinf(narrow).any() and not np.isinf(array[np.isinf(narrow)]).all():
        return None
    return narrow


def _from_base64(array: Array, name: str) -> Array:
    decoded = np.empty_like(array)
    for place, text in enumerate(array):
        try:
            decoded[place] = decode_base64(text.decode("ascii"))
        except ValueError as error:
            raise invalid(
                f"Input {name}: value {place} is no base64."
            ) from error
    return decoded


def _read_outputs(
    request: Json, signature: SignatureInfo, parameters: Json
) -> dict[str, bool]:
    binary = parameters.get("binary_data_output", False) is True
    requested = request.get("outputs")
    if requested is None or requested == []:
        return dict.fromkeys(signature.outputs, binary)
    if not isinstance(requested, list):
        raise invalid("Expected a list as outputs.")
    outputs: dict[str, bool] = {}
    for place, value in enumerate(requested):
        name = _name(value, f"outputs[{place}]")
        if name not in signature.outputs:
            raise invalid(
                f"There is no output {shorten(name)}: expected one of "
                f"{', '.join(signature.outputs)}."
            )
        own = _parameters(value, f"Output {name}").get("binary_data", binary)
        outputs[name] = own is True
    return outputs
