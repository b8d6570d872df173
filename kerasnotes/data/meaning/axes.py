"""Where arrays of images have their channels."""

import numpy as np

from kerasnotes.base.errors import DataError
from kerasnotes.data.dataset import Array
from kerasnotes.data.problems import Problems
from kerasnotes.data.spec import Spec

COLOURS = (1, 3, 4)
"""Channels that pictures have: grey, RGB, RGB and alpha."""
MOST = 64
"""Channels that an image may have."""


def is_channels_first(shape: tuple[int, ...], name: str) -> bool:
    """Returns whether images are `(N, C, H, W)` by their shape.

    Args:
        shape: Of an array of images, four numbers.
        name: Whose they are, for messages.

    Raises:
        DataError: If they could be either.
    """
    _, first, height, last = shape
    if last in (*COLOURS, 2) or min(height, last) <= first:
        return False
    if first in COLOURS:
        return True
    if height != last:
        return False
    raise DataError(
        f"Are the images of {name} {height}x{last} with {first} channels, or "
        f"{first}x{height} with {last}?",
        expected="channels last: (N, H, W, C)",
        received=f"shape {shape}",
        hint="if channels come first: numpy.moveaxis(x, 1, -1)",
    )


def turn(x: Array, name: str, problems: Problems) -> Array:
    """Returns images with channels last; says so if they were first.

    Args:
        x: Array of four axes.
        name: Whose images, for messages.
        problems: Told that they were turned.

    Raises:
        DataError: As `is_channels_first`.
    """
    _refuse_volumes(x.shape, name)
    if not is_channels_first(x.shape, name):
        return x
    tell_turned(x.shape, problems)
    return np.ascontiguousarray(np.moveaxis(x, 1, -1))


def _refuse_volumes(shape: tuple[int, ...], name: str) -> None:
    _, depth, height, width = shape
    if depth == height == width > max(COLOURS):
        raise DataError(
            f"The images of {name} look like volumes, not like pictures.",
            expected="(N, H, W) or (N, H, W, C), a picture each",
            received=f"shape {shape}",
            hint="train on slices: x.reshape(-1, H, W), with a label each",
        )


def tell_turned(shape: tuple[int, ...], problems: Problems) -> None:
    """Notes that channels came first."""
    _, channels, height, width = shape
    problems.note(
        f"Images of shape {shape[1:]} have their channels first: they are read "
        f"as {height}x{width} with {channels}."
    )


def without_channel(masks: Array) -> Array:
    """Returns masks `(N, H, W, 1)` or `(N, 1, H, W)` as `(N, H, W)`."""
    if masks.ndim == 4 and masks.shape[-1] == 1:
        return masks[..., 0]
    return masks[:, 0] if masks.ndim == 4 and masks.shape[1] == 1 else masks


def like(x: Array, spec: Spec) -> Array:
    """Returns images with channels last, as a model was trained on them.

    Args:
        x: Array `(N, H, W)`, `(N, H, W, C)` or `(N, C, H, W)`; another one
            is returned as it is.
        spec: What the model was trained on.
    """
    channels = spec.input.shape[-1]
    if x.ndim == 3:
        return x[..., None]
    first = x.ndim == 4 and x.shape[-1] != channels and x.shape[1] == channels
    return np.moveaxis(x, 1, -1) if first else x
