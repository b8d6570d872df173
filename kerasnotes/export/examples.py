"""Requests that a model is tried with: two batch sizes, two image sizes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasnotes.base.errors import StorageError
from kerasnotes.export.signature import Port, Signature, Tensors

Array = np.ndarray[Any, Any]

Limits = tuple[float, float]

PIXELS = (0.0, 255.0)
"""Range of raw pixels where it is not known."""
BATCHES = (1, 3)
SIZES = ((64, 64), (50, 70), (64, 96))
"""Heights and widths to try where they are free; two must work."""
LENGTHS = ((12,), (7,), (4,), (2,), (1,))
"""Rows of series to try where they are free; two must work."""


def make_requests(
    model: Any, signature: Signature, limits: Limits = PIXELS
) -> list[Tensors]:
    """Returns inputs by name, for each of `BATCHES`.

    Args:
        model: What is to accept them.
        signature: Of it.
        limits: Smallest and largest raw pixel: far beyond, all answers are
            certain, and alike.

    Raises:
        StorageError: If a model of images of any size fails on all `SIZES`.
    """
    rng = np.random.default_rng(0)
    requests = [
        draw(rng, shape, signature.inputs, limits)
        for shape in _shapes(model, signature)
    ]
    if _is_varied(signature):
        # A series of those in a batch is shorter than the others.
        requests[-1][signature.inputs[0].name][-1, -1:] = np.nan
    return requests


def _is_varied(signature: Signature) -> bool:
    """Returns whether it takes series of any length."""
    return len(signature.shape) == 3 and signature.shape[1] is None


def draw(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    ports: tuple[Port, ...],
    limits: Limits = PIXELS,
) -> Tensors:
    """Draws every input for as many examples as `shape` has.

    Args:
        rng: Where from.
        shape: Of the first input.
        ports: All inputs.
        limits: Smallest and largest raw pixel.
    """
    tensors = {}
    for number, port in enumerate(ports):
        own = tuple(size or 1 for size in port.shape[1:])
        sizes = (shape[0], *own) if number else shape
        tensors[port.name] = _example(rng, sizes, port, limits)
    return tensors


def _shapes(model: Any, signature: Signature) -> list[tuple[int, ...]]:
    """Returns two shapes of input that the model itself accepts."""
    free = [axis for axis, size in enumerate(signature.shape) if size is None]
    if free == [0]:
        return [_fill(signature, (batch,)) for batch in BATCHES]
    shapes: list[tuple[int, ...]] = []
    sizes: Sequence[tuple[int, ...]] = SIZES
    if _is_varied(signature):
        sizes = LENGTHS
    for size in sizes:
        shape = _fill(signature, (BATCHES[len(shapes)], *size))
        if _accepts(model, shape, signature):
            shapes.append(shape)
        if len(shapes) == len(BATCHES):
            return shapes
    raise StorageError(
        "The model takes inputs of any size, but fails on these.",
        received=", ".join("x".join(map(str, size)) for size in sizes),
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


_NORMAL = ("noise", "known", "x", "z")
"""Inputs in a network's own range, whatever their shape."""
_RANGES = {"sigma": (0.1, 5.0), "time": (0.0, 1.0), "guidance": (0.5, 3.0)}


def _example(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    port: Port,
    limits: Limits,
) -> Array:
    """Draws noise, raw pixels, class numbers, or raw columns around zero."""
    if port.name in _RANGES:
        return rng.uniform(*_RANGES[port.name], shape).astype(port.dtype)
    if port.name in _NORMAL:
        return rng.normal(size=shape).astype(port.dtype)
    if len(shape) == 4:
        low, high = limits
        part = rng.integers(0, 256, shape) / 255
        return (low + (high - low) * part).astype(port.dtype)
    if port.dtype.startswith("int"):
        return rng.integers(0, 2, shape).astype(port.dtype)
    return rng.normal(0, 3, shape).astype(port.dtype)
