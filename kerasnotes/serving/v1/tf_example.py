"""JSON objects to `tf.Example`, for `:classify` and `:regress`.

Reference:
    TensorFlow Serving, `util/json_tensor.cc`, `AddValueToFeature` and
    `FillClassifyRegressRequestFromJson`.
"""

from typing import Any

import numpy as np
from google.protobuf import descriptor_pool, message_factory

from kerasnotes.serving.engine.errors import ServingError, invalid
from kerasnotes.serving.http.json_body import parse_object, shorten
from kerasnotes.serving.http.json_tensor import (
    FLOAT_MAX,
    decode_base64,
    is_base64,
    json_type,
)
from kerasnotes.serving.v1.json_format import check_rows, signature_name

KINDS = {"bytes_list": "bytes", "float_list": "float", "int64_list": "int64"}
MOST_BYTES = 2**25
"""Bytes of all examples of a request, what they share in each of them."""


def new_example() -> Any:
    """Returns an empty `tf.Example`.

    Found by its name among the loaded messages: whoever loads a SavedModel
    has loaded them, and no protocol need name a framework.
    """
    pool = descriptor_pool.Default()
    kind = pool.FindMessageTypeByName("tensorflow.Example")
    return message_factory.GetMessageClass(kind)()


def read_examples(
    body: bytes, method: str, max_rows: int, sent: int | None = None
) -> tuple[str, "np.ndarray[Any, np.dtype[np.object_]]"]:
    """Reads the body of `:classify` or `:regress`.

    Args:
        body: JSON text.
        method: For the message if there are no examples.
        max_rows: Most examples.
        sent: Bytes of it on the wire, if it came compressed.

    Returns:
        Name of the signature, empty if none is given; and serialized
        examples `(B,)`, features of the `context` in each of them.

    Raises:
        ServingError: If it cannot be read, in TensorFlow Serving's words.
    """
    request = parse_object(body, sent)
    name = signature_name(request)
    context = _example(request["context"]) if "context" in request else None
    if "examples" not in request:
        raise invalid(
            f"JSON Value: {shorten(request)} When method is {method}, key "
            "'examples' is expected and was not found"
        )
    values = request["examples"]
    if not isinstance(values, list):
        raise invalid(
            f"JSON Value: {shorten(request)} Expecting 'examples' value to be "
            "an list/array"
        )
    if not values:
        raise invalid(
            f"JSON Value: {shorten(request)} 'examples' value is an empty array"
        )
    check_rows(len(values), max_rows)
    return name, serialized([_example(value) for value in values], context)


def serialized(
    examples: list[Any], context: Any = None
) -> "np.ndarray[Any, np.dtype[np.object_]]":
    """Returns examples as an array of their bytes.

    Args:
        examples: `tf.Example` each.
        context: A `tf.Example` with features that all of them share; their
            own come first.

    Raises:
        ServingError: If it is too large for so many.
    """
    if context is not None and len(examples) * context.ByteSize() > MOST_BYTES:
        raise invalid(f"The context is too large for {len(examples)} examples.")
    records = np.empty(len(examples), object)
    for place, example in enumerate(examples):
        if context is not None:
            own, example = example, new_example()
            example.CopyFrom(context)
            for key, feature in own.features.feature.items():
                example.features.feature[key].CopyFrom(feature)
        records[place] = example.SerializeToString()
    return records


def _example(value: Any) -> Any:
    if not isinstance(value, dict):
        raise invalid(
            f"Example must be JSON object but got JSON {json_type(value)}"
        )
    example = new_example()
    for name, content in value.items():
        try:
            feature = example.features.feature[name]
        except UnicodeEncodeError:
            # A lone surrogate in the name.
            raise invalid(f"Feature: {shorten(name)} is no UTF-8") from None
        items = content if isinstance(content, list) else [content]
        for item in items:
            _add(feature, item, name)
    return example


def _add(feature: Any, value: Any, name: str) -> None:
    """Adds one value to a feature, whose first value decides its type."""
    kind, converted = _typed(value, name)
    current = feature.WhichOneof("kind")
    if current not in (None, kind):
        raise invalid(
            f"Unexpected element type in feature: {name} expecting type: "
            f"{KINDS[current]}"
        )
    getattr(feature, kind).value.append(converted)


def _typed(value: Any, name: str) -> tuple[str, Any]:
    """Returns the kind of list that holds a JSON value, and the value."""
    if isinstance(value, bool):
        return "int64_list", int(value)
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise invalid(
                f"Feature: {name} has uint64 element. Only int64 is supported."
            )
        return "int64_list", value
    if isinstance(value, float):
        if abs(value) > FLOAT_MAX and abs(value) != float("inf"):
            raise invalid(
                f"Cannot convert JSON value: {shorten(value)} to float without "
                "loss of precision."
            )
        return "float_list", value
    if isinstance(value, str) or is_base64(value):
        return "bytes_list", _bytes(value, name)
    raise invalid(
        f"Feature: {name} has element with unexpected JSON type: "
        f"{json_type(value)}"
    )


def _bytes(value: Any, name: str) -> bytes:
    try:
        if isinstance(value, str):
            return value.encode("utf-8")
        return decode_base64(value["b64"])
    except ValueError as error:
        raise _undecodable(name) from error


def _undecodable(name: str) -> ServingError:
    return invalid(f"Unable to base64 decode a value of feature: {name}")
