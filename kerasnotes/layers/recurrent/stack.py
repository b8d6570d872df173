"""Recurrent layers one upon another, forwards or both ways."""

import dataclasses
import random
import weakref
from collections.abc import Sequence
from typing import Any, Literal

from keras import layers

from kerasnotes.base.types import Tensor
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.recurrent.cells import GRUCell, LSTMCell, RNNCell

Cell = Literal["rnn", "lstm", "gru"]
FUSED: dict[str, Any] = {
    "rnn": layers.SimpleRNN,
    "lstm": layers.LSTM,
    "gru": layers.GRU,
}
WRITTEN: dict[str, Any] = {"rnn": RNNCell, "lstm": LSTMCell, "gru": GRUCell}

_GIVEN: "weakref.WeakKeyDictionary[Any, Any]" = weakref.WeakKeyDictionary()
"""The layer that each `Bidirectional` was made of, while that is used."""


def both_ways(layer: Any, name: str) -> Any:
    """Returns a layer that reads a series forwards and backwards.

    Keras makes two copies of the layer by its configuration. While a file is
    read it takes what has the same `id` for the same object: were the layer
    given up, the next one might have its `id`, and be taken for a copy.
    """
    both = layers.Bidirectional(layer, name=name)
    _GIVEN[both] = layer
    return both


@dataclasses.dataclass(frozen=True)
class Recurrence:
    """How the layers are made.

    Args:
        cell: Which.
        widths: Units of each layer.
        bidirectional: Whether each reads the series backwards too.
        dropout: Rate between the layers, and after the last.
        recurrent_dropout: Rate of the state from one step to the next.
        written: Whether the cells are those of `cells.py`.
        whole: Whether every step answers, and states can be handed on.
    """

    cell: Cell
    widths: Sequence[int]
    bidirectional: bool = False
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    written: bool = False
    whole: bool = False

    def __call__(self, x: Tensor, mask: Tensor = None) -> Tensor:
        """Returns the last output `(B, U)`, or `(B, 2 U)`, of the last layer.

        With `whole` it is that of every step, `(B, T, U)`.

        Args:
            x: Tensor `(B, T, D)`.
            mask: Tensor `(B, T)`, bool: where it is false the state is
                carried on as it is. Fused kernels of a GPU want all of these
                steps behind the others.
        """
        for number, units in enumerate(self.widths, start=1):
            name = f"{self.cell}{number}"
            whole = self.whole or number < len(self.widths)
            layer = self._layer(units, whole, name)
            if self.bidirectional:
                layer = both_ways(layer, f"{name}_both_ways")
            x = layer(x) if mask is None else layer(x, mask=mask)
            if self.whole:
                x = x[0]
            if self.dropout:
                x = dropout(self.dropout, f"{name}_dropout")(x)
        return x

    def _layer(self, units: int, whole: bool, name: str) -> Any:
        return make_layer(
            self.cell,
            units,
            name,
            written=self.written,
            recurrent_dropout=self.recurrent_dropout,
            return_sequences=whole,
            return_state=self.whole,
        )


def make_layer(
    cell: Cell,
    units: int,
    name: str,
    *,
    written: bool,
    recurrent_dropout: float,
    return_sequences: bool = True,
    return_state: bool = True,
) -> Any:
    """Returns one recurrent layer.

    Args:
        cell: Which.
        units: Of its state.
        name: The layer's.
        written: Whether the cell is that of `cells.py`.
        recurrent_dropout: Rate of the state from one step to the next.
        return_sequences: Whether every step answers.
        return_state: Whether it gives its last states too.
    """
    given: dict[str, Any] = {
        "return_sequences": return_sequences,
        "return_state": return_state,
        "name": name,
    }
    if written:
        return layers.RNN(WRITTEN[cell](units), **given)
    return FUSED[cell](
        units,
        recurrent_dropout=recurrent_dropout,
        # As `layers/dropout.py`: a state that checkpoints hold.
        seed=random.randint(1, 10**9),
        **given,
    )
