"""Does an exported artefact answer as the model it was made from?"""

import dataclasses
from typing import Any

import numpy as np

from kerasnotes.errors import StorageError
from kerasnotes.export.signature import (
    Port,
    Predict,
    Signature,
    Tensors,
    call_model,
)

TOLERANCE = 1e-4
"""Largest difference allowed, absolute for outputs up to 1 in size."""
BATCHES = (1, 3)
SIZES = ((64, 64), (50, 70), (64, 96))
"""Heights and widths to try where they are free; two must work."""


@dataclasses.dataclass(frozen=True)
class Check:
    """One comparison.

    Args:
        shape: Shape of the input.
        difference: Largest difference of the outputs.
    """

    shape: tuple[int, ...]
    difference: float


def compare(model: Any, predict: Predict, signature: Signature) -> list[Check]:
    """Compares artefact and model at two batch sizes and image sizes.

    Raises:
        StorageError: If they differ by more than `TOLERANCE`, or the model
            itself gives NaN or infinity.
    """
    rng = np.random.default_rng(0)
    checks = []
    for shape in _shapes(model, signature):
        tensors = _examples(rng, shape, signature)
        answers = call_model(model, signature, tensors)
        expected = {k: np.asarray(v, "float32") for k, v in answers.items()}
        if not all(np.isfinite(array).all() for array in expected.values()):
            raise StorageError(
                "The model's own output holds NaN or infinity.",
                hint="`kn show` tells which weights are broken",
            )
        got = predict(tensors)
        worst = max(_difference(expected[k], got[k]) for k in expected)
        checks.append(Check(shape, worst))
    largest = max(checks, key=lambda check: check.difference)
    if not largest.difference <= TOLERANCE:
        raise StorageError(
            "The exported model does not answer as the original does.",
            expected=f"a difference of at most {TOLERANCE:g}",
            received=f"{largest.difference:g} for an input {largest.shape}",
            hint="nothing was kept; try another --format",
        )
    return checks


def _difference(expected: Any, received: Any) -> float:
    """Returns the largest difference, infinite for another shape or NaN."""
    received = np.asarray(received, "float32")
    if received.shape != expected.shape or not np.isfinite(received).all():
        return float("inf")
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    return float(np.abs(expected - received).max(initial=0)) / scale


def _shapes(model: Any, signature: Signature) -> list[tuple[int, ...]]:
    """Returns two shapes of input that the model itself accepts."""
    free = [axis for axis, size in enumerate(signature.shape) if size is None]
    if free == [0]:
        return [_fill(signature, (batch,)) for batch in BATCHES]
    found: list[tuple[int, ...]] = []
    for size in SIZES:
        shape = _fill(signature, (BATCHES[len(found)], *size))
        if _accepts(model, shape, signature):
            found.append(shape)
        if len(found) == len(BATCHES):
            return found
    raise StorageError(
        "The model takes images of any size, but fails on these.",
        received=", ".join(f"{h}x{w}" for h, w in SIZES),
        hint="fix the size of images: --size HEIGHT WIDTH",
    )


def _fill(signature: Signature, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Puts sizes in the place of the free axes, in order."""
    rest = iter(sizes)
    return tuple(
        next(rest, 16) if length is None else length
        for length in signature.shape
    )


def _accepts(model: Any, shape: tuple[int, ...], signature: Signature) -> bool:
    """Tries a size: some networks need multiples of their stride."""
    blank = np.zeros(shape, signature.inputs[0].dtype)
    try:
        model(blank, training=False)
    except Exception:
        # A framework's shape errors share no narrower type.
        return False
    return True


def _examples(
    rng: np.random.Generator, shape: tuple[int, ...], signature: Signature
) -> Tensors:
    """Draws every input for as many examples as `shape` has."""
    found = {}
    for number, port in enumerate(signature.inputs):
        own = tuple(size or 1 for size in port.shape[1:])
        sizes = (shape[0], *own) if number else shape
        found[port.name] = _example(rng, sizes, port)
    return found


def _example(
    rng: np.random.Generator, shape: tuple[int, ...], port: Port
) -> Any:
    """Draws noise, raw pixels, class numbers, or raw columns around zero."""
    # What a diffusion model knows of an image is scaled, as noise is.
    if port.name in ("noise", "known"):
        return rng.normal(size=shape).astype(port.dtype)
    if len(shape) == 4:
        return rng.integers(0, 256, shape).astype(port.dtype)
    if port.dtype.startswith("int"):
        return rng.integers(0, 2, shape).astype(port.dtype)
    return rng.normal(0, 3, shape).astype(port.dtype)
