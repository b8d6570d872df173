"""What the notes of recurrent layers have in common: a state carried on."""

import dataclasses
from typing import Any

import keras
import numpy as np
from keras import ops

from kerasnotes.base.types import Array, Tensor
from kerasnotes.contracts.sequence_model import SequenceModel


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


class RecurrentModel(SequenceModel):
    """Base of the notes whose layers are recurrent.

    Those of a language answer at every step, and their states can be handed
    from a window to the next: it is as if the windows were one.
    """

    _carrying: Carrying | None = None

    def first_state(self, count: int) -> list[Array]:
        return [np.zeros((count, n), "float32") for n in self._carry().units]

    def read_on(
        self, ids: Array, states: list[Array]
    ) -> tuple[Array, list[Array]]:
        given = [np.asarray(ids, "int32"), *states]
        logits, *after = self._carry().model.predict_on_batch(given)
        return np.asarray(logits), [np.asarray(one) for one in after]

    @property
    def room(self) -> int | None:
        return None

    def empty_memory(self, count: int) -> list[Tensor]:
        return self.first_state(count)

    def advance(
        self,
        ids: Tensor,
        memory: list[Tensor],
        place: Any,
        present: Tensor | None = None,
    ) -> tuple[Tensor, list[Tensor]]:
        x, before, after = ids, list(memory), []
        network: Any = self
        for layer in network.layers:
            if isinstance(layer, keras.layers.InputLayer):
                continue
            if not isinstance(layer, keras.layers.RNN):
                x = layer(x)
                continue
            count = len(_sizes(layer))
            states, before = before[:count], before[count:]
            if ids.shape[1] == 1 and present is None:
                # One step needs no loop.
                x, states = layer.cell(x[:, 0], states, training=False)
                x = ops.expand_dims(x, 1)
            else:
                x, *states = layer(
                    x, initial_state=states, mask=present, training=False
                )
            after += states
        return x, after

    def _carry(self) -> Carrying:
        if self._carrying is None:
            self._carrying = carrying(self)
        return self._carrying


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
        states = [keras.Input((size,)) for size in _sizes(layer)]
        x, *new = layer(x, initial_state=states)
        before += states
        after += new
    model = keras.Model([ids, *before], [x, *after])
    return Carrying(model, tuple(one.shape[-1] for one in before))


def _sizes(layer: Any) -> list[int]:
    """Returns the units of each state of a recurrent layer."""
    sizes = layer.cell.state_size
    return list(sizes) if isinstance(sizes, list | tuple) else [sizes]
