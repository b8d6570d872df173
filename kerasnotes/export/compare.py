"""Does an exported artefact answer as the model it was made from?"""

import dataclasses
import io
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.base.errors import StorageError
from kerasnotes.export.examples import make_requests
from kerasnotes.export.signature import Predict, Signature, Tensors, ask_model

Array = np.ndarray[Any, Any]

TOLERANCE = 1e-4
"""Largest difference allowed, absolute for outputs up to 1 in size."""
ROUNDED = 0.01
"""Part of a picture's pixels that rounding may change."""


@dataclasses.dataclass(frozen=True)
class Check:
    """One comparison.

    Args:
        shape: Shape of the first input.
        difference: Largest difference of the outputs.
    """

    shape: tuple[int, ...]
    difference: float

    def to_json(self) -> dict[str, Any]:
        return {"shape": list(self.shape), "difference": self.difference}


def compare(
    model: Any,
    predict: Predict,
    signature: Signature,
    requests: Sequence[Tensors] | None = None,
) -> list[Check]:
    """Compares artefact and model at two batch sizes and image sizes.

    Args:
        model: The original.
        predict: What was exported.
        signature: Of both.
        requests: Inputs by name; drawn for the signature if left out.

    Raises:
        StorageError: If they differ by more than `TOLERANCE`, or the model
            itself gives NaN or infinity.
    """

    def expect(tensors: Tensors) -> Tensors:
        return ask_model(model, signature, tensors)

    return check(expect, predict, requests or make_requests(model, signature))


def check(
    expect: Predict,
    predict: Predict,
    requests: Sequence[Tensors],
    what: str = "model",
) -> list[Check]:
    """Compares two ways to answer.

    Args:
        expect: What is right.
        predict: What was exported.
        requests: Inputs by name.
        what: Name of what was exported, for messages.

    Raises:
        StorageError: If they differ by more than `TOLERANCE`.
    """
    checks = []
    for tensors in requests:
        expected = expect(tensors)
        if not all(_finite(array) for array in expected.values()):
            raise StorageError(
                "The model's own output holds NaN or infinity.",
                hint="`kn show` tells which weights are broken",
            )
        received = predict(tensors)
        worst = max(_difference(expected[k], received.get(k)) for k in expected)
        shape = np.shape(next(iter(tensors.values())))
        checks.append(Check(shape, worst))
    largest = max(checks, key=lambda check: check.difference)
    if not largest.difference <= TOLERANCE:
        raise StorageError(
            f"The exported {what} does not answer as the original does.",
            expected=f"a difference of at most {TOLERANCE:g}",
            received=f"{largest.difference:g} for an input {largest.shape}",
            hint="nothing was kept; try another --format",
        )
    return checks


def _finite(array: Array) -> bool:
    return array.dtype == object or bool(np.isfinite(array).all())


def _difference(expected: Array, received: Any) -> float:
    """Returns the largest difference, infinite for another shape or NaN."""
    received = np.asarray(received)
    if received.shape != expected.shape:
        return float("inf")
    if expected.dtype == object:
        pairs = zip(expected.ravel(), received.ravel(), strict=True)
        return max((_changed(a, b) for a, b in pairs), default=0.0)
    expected, received = (a.astype("float32") for a in (expected, received))
    if not np.isfinite(received).all():
        return float("inf")
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    return float(np.abs(expected - received).max(initial=0)) / scale


def _changed(expected: bytes, received: bytes) -> float:
    """Returns 0 for equal strings, or pictures of nearly all equal pixels."""
    if expected == received:
        return 0.0
    try:
        first, second = _decode(expected), _decode(received)
    except OSError:
        return float("inf")
    if first.shape != second.shape or np.mean(first != second) > ROUNDED:
        return float("inf")
    return 0.0


def _decode(data: bytes) -> Array:
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(data)))
