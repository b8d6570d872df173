"""Bodies of TensorFlow Serving's REST API: requests in, answers out.

Reference:
    TensorFlow Serving, `g3doc/api_rest.md` and `util/json_tensor.cc`: forms,
    rules and texts. Departs from it: answers are not indented.
"""

import dataclasses
from typing import Any

from kerasnotes.serving.engine.errors import ServingError, invalid
from kerasnotes.serving.engine.limits import Limits
from kerasnotes.serving.engine.request_check import find_signature
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import (
    SignatureInfo,
    TensorInfo,
    Tensors,
)
from kerasnotes.serving.http.json_body import (
    LARGE,
    check_counts,
    parse_object,
    shorten,
)
from kerasnotes.serving.http.json_numbers import find_numbers
from kerasnotes.serving.http.json_tensor import is_base64, to_array
from kerasnotes.serving.http.tensor_text import columns_text, rows_text
from kerasnotes.serving.v1.named_rows import explain_category, read_named


@dataclasses.dataclass(frozen=True, slots=True)
class Predict:
    """A request for predictions.

    Args:
        signature: What is asked.
        tensors: An array for each input.
        rows: Whether it came as `instances`, and is answered so.
    """

    signature: SignatureInfo
    tensors: Tensors
    rows: bool


def read_predict(
    body: bytes, servable: Servable, limits: Limits, sent: int | None = None
) -> Predict:
    """Reads the body of `:predict`, in row or column format.

    Args:
        body: JSON text.
        servable: Whose signature gives names and types.
        limits: Of rows and nesting.
        sent: Bytes of it on the wire, if it came compressed.

    Raises:
        ServingError: If it cannot be read, in TensorFlow Serving's words.
    """
    if len(body) >= LARGE:
        predict = _read_numbers(body, servable, limits, sent)
        if predict is not None:
            return predict
    request = parse_object(body, sent)
    signature = find_signature(servable, signature_name(request))
    if "instances" in request and "inputs" in request:
        raise invalid(
            f"JSON Value: {shorten(request)} Not formatted correctly expecting "
            "only one of 'inputs' or 'instances' keys to exist "
        )
    if "instances" not in request and "inputs" not in request:
        raise invalid("Missing 'inputs' or 'instances' key")
    try:
        tensors = _read_tensors(request, servable, signature, limits)
    except ServingError:
        explain_category(request, servable, signature)
        raise
    return Predict(signature, tensors, "instances" in request)


def _read_tensors(
    request: dict[str, Any],
    servable: Servable,
    signature: SignatureInfo,
    limits: Limits,
) -> Tensors:
    if "inputs" in request:
        return _read_columns(request["inputs"], signature, limits.max_depth)
    rows = request["instances"]
    if isinstance(rows, list) and rows:
        check_rows(len(rows), limits.max_rows)
        named = read_named(rows, servable, signature)
        if named is not None:
            return named
    return _read_rows(request, signature, limits)


def _read_numbers(
    body: bytes, servable: Servable, limits: Limits, sent: int | None
) -> Predict | None:
    """Reads a body with one large array, `None` if it is no such body."""
    check_counts(body, sent)
    for key in ("instances", "inputs"):
        numbers = find_numbers(body, f'"{key}"'.encode())
        if numbers is None:
            continue
        request = parse_object(numbers.rest)
        signature = find_signature(servable, signature_name(request))
        rows, shape = key == "instances", numbers.shape
        if request.get(key) != numbers.token or len(signature.inputs) != 1:
            return None
        if "instances" in request and "inputs" in request:
            return None
        if rows:
            check_rows(shape[0], limits.max_rows)
        (info,) = signature.inputs.values()
        array = numbers.array(info.dtype)
        if array is None or array.ndim > limits.max_depth:
            return None
        return Predict(signature, {info.name: array}, rows)
    return None


def signature_name(request: dict[str, Any]) -> str:
    """Returns the name of the signature that is asked; may be empty.

    Raises:
        ServingError: If it is not a string.
    """
    name = request.get("signature_name", "")
    if not isinstance(name, str):
        raise invalid(
            f"JSON Value: {shorten(request)} not formatted correctly. "
            "'signature_name' key must be a string value."
        )
    return name


def _read_rows(
    request: dict[str, Any], signature: SignatureInfo, limits: Limits
) -> Tensors:
    rows, inputs = request["instances"], signature.inputs
    max_depth = limits.max_depth
    if not isinstance(rows, list):
        raise invalid(
            f"JSON Value: {shorten(request)} Excepting 'instances' to be an "
            "list/array"
        )
    if not rows:
        raise invalid(
            f"JSON Value: {shorten(request)} No values in 'instances' array"
        )
    check_rows(len(rows), limits.max_rows)
    if _is_object(rows[0]):
        return _read_objects(rows, inputs, max_depth)
    if len(inputs) != 1:
        raise invalid(
            "instances is a plain list, but expecting list of objects as "
            "multiple input tensors required as per tensorinfo_map"
        )
    (info,) = inputs.values()
    try:
        return {info.name: to_array(rows, info.dtype, max_depth)}
    except ServingError:
        # What is wrong with the whole is wrong with one of its items.
        _explain_rows(rows, info, max_depth)
        raise


def check_rows(rows: int, max_rows: int) -> None:
    """Refuses too many examples before each of them is looked at.

    Raises:
        ServingError: If there are more than `max_rows`.
    """
    if rows > max_rows:
        raise invalid(f"Expected at most {max_rows} examples, received {rows}.")


def _is_object(value: Any) -> bool:
    return type(value) is dict and not is_base64(value)


def _explain_rows(rows: list[Any], info: TensorInfo, max_depth: int) -> None:
    for place, row in enumerate(rows):
        if _is_object(row):
            raise invalid(
                f"Expecting value/list but got object at item {place} of input "
                "list"
            )
    _explain_items(rows, info, max_depth, "")


def _explain_items(
    items: list[Any], info: TensorInfo, max_depth: int, key: str
) -> None:
    """Raises the error of the first item that is wrong or differs."""
    first: tuple[int, ...] = ()
    for place, item in enumerate(items):
        try:
            shape = to_array(item, info.dtype, max_depth - 1).shape
            if place and shape != first:
                raise invalid(
                    f"Expecting shape {_shape_text(first)} but got: "
                    f"{_shape_text(shape)}"
                )
        except ServingError as error:
            raise invalid(
                f"Failed to process element: {place}{key} of 'instances' list. "
                f"Error: {error.code.name}: {error.message}"
            ) from error
        first = shape


def _shape_text(shape: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, shape))}]"


def _read_objects(
    rows: list[Any], inputs: dict[str, TensorInfo], max_depth: int
) -> Tensors:
    """Reads a list of objects, each with a value for every input."""
    names = inputs.keys()
    for place, row in enumerate(rows):
        if not _is_object(row):
            raise invalid(
                f"Expecting object but got list at item {place} of input list"
            )
        if row.keys() != names:
            _explain_keys(place, row, inputs)
    tensors = {}
    for name, info in inputs.items():
        column = [row[name] for row in rows]
        try:
            tensors[name] = to_array(column, info.dtype, max_depth)
        except ServingError:
            _explain_items(column, info, max_depth, f" key: {name}")
            raise
    return tensors


def _explain_keys(
    place: int, row: dict[str, Any], inputs: dict[str, TensorInfo]
) -> None:
    for name in row.keys() - inputs.keys():
        raise invalid(
            f"Failed to process element: {place} key: {shorten(name)[1:-1]} of "
            "'instances' list. Error: INVALID_ARGUMENT: JSON object: does not "
            f"have named input: {shorten(name)[1:-1]}"
        )
    raise invalid(
        f"Failed to process element: {place} of 'instances' list. JSON object: "
        f"{shorten(row)} keys must be equal to: {','.join(sorted(inputs))}"
    )


def _read_columns(
    value: Any, signature: SignatureInfo, max_depth: int
) -> Tensors:
    inputs = signature.inputs
    if _is_object(value):
        for name in inputs:
            if name not in value:
                raise invalid(
                    f"Missing named input: {name} in 'inputs' object."
                )
        return {
            name: to_array(value[name], info.dtype, max_depth)
            for name, info in inputs.items()
        }
    if len(inputs) != 1:
        raise invalid(
            "inputs is a plain value/list, but expecting an object as multiple "
            "input tensors required as per tensorinfo_map"
        )
    (info,) = inputs.values()
    return {info.name: to_array(value, info.dtype, max_depth)}


def write_predict(outputs: Tensors, rows: bool) -> bytes:
    """Returns the body that answers a prediction.

    Args:
        outputs: What the model gave.
        rows: Whether the request came as `instances`.

    Raises:
        ServingError: If outputs differ in the number of their rows.
    """
    if not rows:
        return b'{"outputs":' + columns_text(outputs) + b"}"
    batch = None
    for name, array in outputs.items():
        if not array.ndim:
            raise invalid(f"Tensor name: {name} has no shape information ")
        if batch is not None and len(array) != batch:
            raise invalid(
                f"Tensor name: {name} has inconsistent batch size: "
                f"{len(array)} expecting: {batch}"
            )
        batch = len(array)
    return b'{"predictions":' + rows_text(outputs) + b"}"
