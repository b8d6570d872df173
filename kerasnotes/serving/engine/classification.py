"""Answers of signatures that classify or regress `tf.Example`s.

Reference:
    TensorFlow Serving, `servables/tensorflow/classifier.cc`, `regressor.cc`.
"""

from typing import Any

import numpy as np

from kerasnotes.serving.engine import request_check
from kerasnotes.serving.engine.errors import invalid
from kerasnotes.serving.engine.servable import Servable
from kerasnotes.serving.engine.signature import (
    CLASSIFY,
    DEFAULT,
    REGRESS,
    SignatureInfo,
    Tensors,
)

Array = np.ndarray[Any, Any]
METHODS = {"classify": CLASSIFY, "regress": REGRESS}


def find_signature(servable: Servable, name: str, method: str) -> SignatureInfo:
    """Returns the signature for examples.

    Where none is named and `serving_default` is for tensors, the one called
    like the method is meant, if there is one.

    Args:
        servable: The version that is asked.
        name: Of the signature; may be empty.
        method: `classify` or `regress`.

    Raises:
        ServingError: If there is none, or it is for something else.
    """
    signatures = servable.signatures
    signature = signatures.get(name or DEFAULT)
    method_name = METHODS[method]
    if not name and (signature is None or signature.method != method_name):
        signature = signatures.get(method, signature)
    if signature is None:
        signature = request_check.find_signature(servable, name)
    if signature.method != method_name:
        kind = "classification" if method == "classify" else "regression"
        raise invalid(
            f"Expected {kind} signature method_name to be {method_name}. Was: "
            f"{signature.method}"
        )
    if len(signature.inputs) != 1:
        raise invalid("Expected one input Tensor.")
    return signature


def read_classes(
    outputs: Tensors, examples: int
) -> list[list[tuple[str, float]]]:
    """Returns labels and scores of each example, as the model orders them.

    Args:
        outputs: `classes` `(B, K)`, bytes, or `scores` `(B, K)`, or both.
        examples: B.

    Raises:
        ServingError: If the outputs do not have these shapes.
    """
    labels, scores = outputs.get("classes"), outputs.get("scores")
    for tensor in (labels, scores):
        if tensor is not None and (tensor.ndim != 2 or len(tensor) != examples):
            raise invalid("Expected Tensor shape: [batch_size num_classes]")
    if labels is None and scores is None:
        raise invalid(
            "Expected classification signature outputs to contain at least one "
            'of: "classes", "scores".'
        )
    if labels is not None and scores is not None:
        if labels.shape != scores.shape:
            raise invalid("Tensors class and score should match in shape.")
    rows = []
    for place in range(examples):
        names = None if labels is None else labels[place].tolist()
        values = None if scores is None else scores[place].tolist()
        names = [""] * len(values or []) if names is None else map(_text, names)
        names = list(names)
        values = [0.0] * len(names) if values is None else values
        rows.append(list(zip(names, values, strict=True)))
    return rows


def _text(label: Any) -> str:
    if isinstance(label, bytes):
        return label.decode("utf-8", "replace")
    return str(label)


def read_values(outputs: Tensors, examples: int) -> Array:
    """Returns the number of each example, `(B,)`.

    Raises:
        ServingError: If there is no output `(B,)` or `(B, 1)` of numbers.
    """
    values = outputs.get("outputs")
    if values is None or values.dtype.kind not in "fiu":
        raise invalid("Missing or no float Tensor: outputs")
    if values.shape not in ((examples,), (examples, 1)):
        raise invalid(
            "Expected output Tensor shape to be either [batch_size] or "
            f"[batch_size, 1] but got {list(values.shape)}"
        )
    return values.reshape(-1)
