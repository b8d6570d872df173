"""Recurrent layers whose states are handed from a window to the next."""

import dataclasses
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.backends.keras_internals import add_state
from kerasnotes.base.types import Tensor


@dataclasses.dataclass(frozen=True)
class Carrying:
    """The network again, given states and giving them back.

    Keras does not look into it: its layers are those of the network.

    Args:
        model: From tokens and states to logits and states.
        units: Of every state.
    """

    model: Any
    units: tuple[int, ...]


def read(
    network: Any, ids: Tensor, states: list[Tensor], mask: Tensor | None = None
) -> tuple[Tensor, list[Tensor]]:
    """Returns logits `(B, T, V)`, and the states behind the last token.

    Args:
        network: Of a language; one layer after another.
        ids: What comes next, `(B, T)`.
        states: Before them, `(B, U)` each.
        mask: Where the states stay as they are, `(B, T)`.
    """
    x, before, after = ids, list(states), []
    for layer in network.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if not isinstance(layer, keras.layers.RNN):
            x = layer(x)
            continue
        count = len(sizes(layer))
        own, before = before[:count], before[count:]
        if ids.shape[1] == 1 and mask is None:
            # One step needs no loop.
            x, own = layer.cell(x[:, 0], own)
            x = ops.expand_dims(x, 1)
        else:
            x, *own = layer(x, initial_state=own, mask=mask)
        after += own
    return x, after


class Streams:
    """The states of texts that are read side by side while training.

    Each row of a batch goes on where the same row of the batch before ended
    (truncated backpropagation through time): gradients end where a window
    begins, states do not. Where the rows begin, so do the states: at zero.

    They are variables of the model while it is trained, so that checkpoints
    hold them, and which batch it is with them.

    Args:
        network: It; its variables are added to.
        rows: Of a batch.

    Reference:
        Williams & Peng, 1990, Neural Computation 2(4), 490-501.
        https://doi.org/10.1162/neco.1990.2.4.490
    """

    def __init__(self, network: Any, rows: int) -> None:
        self.network, self.rows = network, rows
        units = [n for layer in network.layers for n in sizes(layer)]
        shapes = [((), "int32")] * 2 + [((rows, n), "float32") for n in units]
        self.step, self.part, *self.states = add_state(network, shapes)
        self.cut(1, 1)

    def cut(self, steps: int, parts: int) -> None:
        """Sets after how many batches the rows begin anew.

        Args:
            steps: Batches.
            parts: Into how many each is cut.
        """
        self.steps, self.parts = steps, parts
        cut = np.array_split(np.arange(self.rows), parts)
        self.begins = np.array([rows[0] for rows in cut], "int32")

    def __call__(self, ids: Tensor) -> Tensor:
        """Returns the logits of the next batch, `(B, T, V)`."""
        step, part, *states = (
            ops.convert_to_tensor(one)
            for one in (self.step, self.part, *self.states)
        )
        first = ops.take(self.begins, part)
        start = ops.stack([first, ops.zeros_like(first)])
        goes_on = ops.cast(step > 0, "float32")
        before = [
            goes_on * ops.slice(one, start, (ops.shape(ids)[0], one.shape[1]))
            for one in states
        ]
        logits, after = read(self.network, ids, before)
        for kept, old, new in zip(self.states, states, after, strict=True):
            new = ops.cast(ops.stop_gradient(new), old.dtype)
            kept.assign(ops.slice_update(old, start, new))
        done = part + 1
        self.part.assign(done % self.parts)
        self.step.assign((step + done // self.parts) % self.steps)
        return logits


def carrying(network: Any) -> Carrying:
    """Returns a network of a language with its states made inputs.

    Args:
        network: A graph of one layer after another.

    Raises:
        ValueError: If it answers no language.
    """
    if network.spec.target.kind != "next_token":
        raise ValueError(
            "A network of a language is wanted. "
            f"Received: {network.spec.target.kind}"
        )
    ids = keras.Input((None,), dtype="int32", name="tokens")
    x, before, after = ids, [], []
    for layer in network.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if not isinstance(layer, keras.layers.RNN):
            x = layer(x)
            continue
        states = [keras.Input((size,)) for size in sizes(layer)]
        x, *new = layer(x, initial_state=states)
        before += states
        after += new
    model = keras.Model([ids, *before], [x, *after])
    return Carrying(model, tuple(one.shape[-1] for one in before))


def sizes(layer: Any) -> list[int]:
    """Returns the units of each state of a layer; none if it has no state."""
    if not isinstance(layer, keras.layers.RNN):
        return []
    found = layer.cell.state_size
    return list(found) if isinstance(found, list | tuple) else [found]
