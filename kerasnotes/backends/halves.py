"""Recurrent networks on TensorFlow: both halves of a batch side by side.

A step of a recurrence waits for the one before, and its matrices are too small
to keep two cores busy. The halves of a batch wait for nothing of each other.
"""

import os
from collections.abc import Iterator
from typing import Any

import keras
from keras import ops

from kerasnotes.runtime.devices import list_devices
from kerasnotes.runtime.machine import cpu_count

THREADS = "OMP_NUM_THREADS"
"""How many cores the user grants, in the environment."""


def install(model: Any) -> None:
    """Lets a network train by halves, where that is faster; else leaves it.

    Args:
        model: A network that answers one row for each example, from that
            example alone. Its layers, its file and its answers stay the same.
    """
    if not _gains(model):
        return
    whole = model.call

    def call(inputs: Any, training: bool | None = None, **known: Any) -> Any:
        count = _count(inputs)
        if not training or (isinstance(count, int) and count == 1):
            return whole(inputs, training=training, **known)
        halves = [
            whole(half, training=training, **known) for half in _cut(inputs)
        ]
        return keras.tree.map_structure(
            lambda *parts: ops.concatenate(parts), *halves
        )

    # Past Keras' tracking of attributes.
    vars(model)["call"] = call


def _gains(model: Any) -> bool:
    if keras.backend.backend() != "tensorflow" or not _has_cores():
        return False
    recurrent = any(
        isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional)
        for layer in model.layers
    )
    # Keras hands masks on beside answers of several rows.
    flat = all(len(answer.shape) == 2 for answer in model.outputs)
    return recurrent and flat


def _has_cores() -> bool:
    """Returns whether two cores compute, and no GPU, whose kernels are one."""
    granted = os.environ.get(THREADS, "")
    cores = int(granted) if granted.isdecimal() else cpu_count()
    return cores > 1 and list_devices("tensorflow")[0][0] == "cpu"


def _count(inputs: Any) -> Any:
    """Returns how many examples a batch has: a number, if that is known."""
    return ops.shape(keras.tree.flatten(inputs)[0])[0]


def _cut(inputs: Any) -> Iterator[Any]:
    """Yields the first half of a batch's examples, and the others."""
    half = _count(inputs) // 2
    for part in (slice(None, half), slice(half, None)):
        yield keras.tree.map_structure(lambda x, own=part: x[own], inputs)
