"""What the notes of recurrent layers have in common: a state carried on."""

import dataclasses
from typing import Any

import keras
import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.fitting import check_translates
from kerasnotes.contracts.sequence_model import SequenceModel
from kerasnotes.layers.recurrent.translation import RecurrentSteps


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

    def step_decoder(self) -> RecurrentSteps:
        check_translates(self.spec)
        return RecurrentSteps(self)

    def alignment(self, x: Array, y: Array) -> Array:
        check_translates(self.spec)
        return RecurrentSteps(self).alignment(x, y)

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
        sizes = layer.cell.state_size
        sizes = sizes if isinstance(sizes, list | tuple) else [sizes]
        states = [keras.Input((size,)) for size in sizes]
        x, *new = layer(x, initial_state=states)
        before += states
        after += new
    model = keras.Model([ids, *before], [x, *after])
    return Carrying(model, tuple(one.shape[-1] for one in before))
