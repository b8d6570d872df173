"""Recurrent networks that translate: one reads, another writes and looks back.

The decoder begins with the state that the encoder ends with, and at each
place takes what fits of all states of the encoder.

Reference:
    Sutskever, Vinyals & Le, 2014. https://arxiv.org/abs/1409.3215
    Bahdanau, Cho & Bengio, 2015 (both ways; the first state by a layer).
    https://arxiv.org/abs/1409.0473
    Luong, Pham & Manning, 2015 (attention). https://arxiv.org/abs/1508.04025

Departs from it:
    - What attention gives is not fed to the next step (Luong's section 3.3),
      so that a text is learned in one call.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from kerasnotes.base.types import Array, Tensor
from kerasnotes.data.fields import Field
from kerasnotes.data.spec import Spec
from kerasnotes.layers.attention.global_attention import GlobalAttention
from kerasnotes.layers.dropout import dropout
from kerasnotes.layers.pair_tokens import (
    OnePlaceOn,
    pair_inputs,
    token_vectors,
)
from kerasnotes.layers.recurrent.stack import (
    Cell,
    both_ways,
    make_layer,
)
from kerasnotes.layers.tokens import NotPadding


@dataclasses.dataclass(frozen=True)
class Translation:
    """How such a network is made.

    Args:
        cell: Which.
        widths: Units of each layer, of the encoder and of the decoder.
        embedding: Numbers that a token becomes.
        bidirectional: Whether the encoder reads backwards too.
        dropout: Rate of tokens, behind each layer, and behind attention.
        recurrent_dropout: Rate of the state from one step to the next.
        written: Whether the cells are those of `cells.py`.
    """

    cell: Cell
    widths: Sequence[int]
    embedding: int
    bidirectional: bool = False
    dropout: float = 0.0
    recurrent_dropout: float = 0.0
    written: bool = False

    def __call__(self, spec: Spec) -> tuple[dict[str, Tensor], Tensor]:
        """Returns inputs, and logits of every token `(B, T, V)`."""
        given = pair_inputs()
        present = NotPadding(name="not_padding")(given["x"])
        x = self._vectors(given["x"], spec.input, "source")
        memory, states = self._encode(x, present)
        end = spec.target.vocabulary - 1
        before = OnePlaceOn(end, name="before")(given["y"])
        y = self._vectors(before, spec.target, "target")
        for number, units in enumerate(self.widths, start=1):
            name = f"decoder{number}"
            layer = self._layer(units, name)
            y = layer(y, initial_state=states[number - 1])[0]
            y = self._dropped(y, name)
        attention = GlobalAttention(self.widths[-1], name="attention")
        y = self._dropped(attention(y, memory, present), "attention")
        y = layers.Dense(spec.target.vocabulary, name="next_token")(y)
        end_layer = layers.Activation("linear", dtype="float32", name="logits")
        return given, end_layer(y)

    def _encode(self, x: Tensor, present: Tensor) -> tuple[Tensor, list[Any]]:
        """Returns the last layer's states `(B, S, M)`, and all last ones."""
        ends = []
        for number, units in enumerate(self.widths, start=1):
            name = f"encoder{number}"
            layer = self._layer(units, name)
            if self.bidirectional:
                layer = both_ways(layer, f"{name}_both_ways")
            x, *states = layer(x, mask=present)
            if self.bidirectional:
                states = _joined(states, units, name)
            x = self._dropped(x, name)
            ends.append(states)
        return x, ends

    def _vectors(self, ids: Tensor, field: Field, side: str) -> Tensor:
        name = f"{side}_vectors"
        x = token_vectors(field, self.embedding, name, True)(ids)
        return self._dropped(x, side)

    def _layer(self, units: int, name: str) -> Any:
        return make_layer(
            self.cell,
            units,
            name,
            written=self.written,
            recurrent_dropout=self.recurrent_dropout,
        )

    def _dropped(self, x: Tensor, name: str) -> Tensor:
        if not self.dropout:
            return x
        return dropout(self.dropout, f"{name}_dropout")(x)


def _joined(states: list[Tensor], units: int, name: str) -> list[Tensor]:
    """Returns the decoder's first states, of the last ones of both ways."""
    half = len(states) // 2
    return [
        layers.Dense(units, activation="tanh", name=f"{name}_end{number}")(
            layers.Concatenate(name=f"{name}_ends{number}")(list(pair))
        )
        for number, pair in enumerate(
            zip(states[:half], states[half:], strict=True), start=1
        )
    ]


class RecurrentSteps:
    """The decoder token by token: the states of its cells are kept.

    Args:
        model: A recurrent note that translates.
    """

    def __init__(self, model: Any) -> None:
        spec = model.spec
        self.network = model
        self.source_length = int(spec.input.shape[0])
        self.length = int(spec.target.shape[0])
        self.vocabulary = spec.target.vocabulary
        self._layers = {layer.name: layer for layer in model.layers}
        self._depth = len(model.note_config.widths)
        firsts = [self._initial_states(n) for n in range(1, self._depth + 1)]
        attention = self._layers["attention"].input[1:]
        self._encoder = keras.Model(model.inputs[0], [attention, firsts])

    def _initial_states(self, number: int) -> list[Any]:
        """Returns the graph's tensors that a layer of the decoder begins at."""
        given = keras.tree.flatten(self._layers[f"decoder{number}"].input)
        return list(given[1:])

    def begin(self, source: Tensor) -> tuple[Any, Any]:
        memory, states = self._encoder(source)
        return memory, states

    def step(
        self, tokens: Tensor, index: Any, memory: Any, state: Any
    ) -> tuple[Tensor, Any]:
        y = self._layers["target_vectors"](tokens)
        kept = []
        for number, before in enumerate(state, start=1):
            cell = self._layers[f"decoder{number}"].cell
            y, after = cell(y, before, training=False)
            kept.append(list(after))
        y = self._layers["attention"](y[:, None], *memory)
        logits = self._layers["next_token"](y)
        return ops.cast(logits[:, 0], "float32"), kept

    def alignment(self, x: Array, y: Array) -> Array:
        """Returns the attention to a source, `(B, T, S)`; see `Translates`."""
        query, memory, present = self._layers["attention"].input
        graph = keras.Model(self.network.inputs, [query, memory, present])
        given = [ops.convert_to_tensor(each, "int32") for each in (x, y)]
        found = self._layers["attention"].weights_of(*graph(given))
        weights: Array = ops.convert_to_numpy(found)
        return weights
