"""A network that translates, as a model from tokens to tokens."""

from typing import Any

import keras
import numpy as np

from kerasnotes.backends.jit import jit_compile
from kerasnotes.base.types import Array, Progress, Tensor
from kerasnotes.contracts.step_decoding import StepDecoder
from kerasnotes.data.fields import Field
from kerasnotes.data.text.tokenizer import PADDING, open_json
from kerasnotes.inference.predictor import Predictor
from kerasnotes.inference.translating.search import beam, greedy

GREEDY = 1
"""Answers that a greedy search keeps."""
PENALTY = 0.6
"""Of length, in a beam search: Vaswani et al., 2017, section 6.1."""


class _Search(keras.layers.Layer):
    """The whole loop, from a source to its answer, as a layer."""

    def __init__(
        self, decoder: StepDecoder, size: int, penalty: float, name: str
    ) -> None:
        super().__init__(dtype="float32", autocast=False, name=name)
        self.decoder, self.size, self.penalty = decoder, size, penalty
        # Keras finds its weights.
        self.network = decoder.network
        self.built = True

    def call(self, source: Tensor) -> Tensor:
        if self.size == GREEDY:
            return greedy(self.decoder, source)
        return beam(self.decoder, source, self.size, self.penalty)

    def compute_output_spec(self, source: Any) -> Any:
        shape = (source.shape[0], self.decoder.length)
        return keras.KerasTensor(shape, "int32")


def make_translator(
    decoder: StepDecoder, size: int = GREEDY, penalty: float = PENALTY
) -> Any:
    """Returns a model from `source` `(B, S)` to `target` `(B, T)`, int32.

    Args:
        decoder: Of the network.
        size: Answers that a beam search keeps; 1 is the greedy search.
        penalty: Of length; see `beam`.
    """
    source = keras.Input((decoder.source_length,), dtype="int32", name="source")
    target = _Search(decoder, size, penalty, "target")(source)
    model = keras.Model(source, target, name="translator")
    model.jit_compile = jit_compile()
    return model


def translate(
    model: Any,
    x: Array,
    batch_size: int,
    progress: Progress | None = None,
) -> Array:
    """Returns the answers of a translator, `(N, T)`, int32.

    Args:
        model: As of `make_translator`.
        x: Sources `(N, S)`.
        batch_size: Sources at once.
        progress: Told how far it is.
    """
    ask, found = Predictor(model), []
    for start in range(0, len(x), batch_size):
        found.append(ask(x[start : start + batch_size]).astype("int32"))
        if progress:
            progress("translating", min(start + batch_size, len(x)), len(x))
    return np.concatenate(found)


def to_texts(rows: Array, field: Field) -> list[str]:
    """Returns answers as texts.

    Args:
        rows: Numbers of tokens `(N, T)`; what ends them is no text.
        field: Of the targets.
    """
    learned, end = open_json(field.tokenizer), field.vocabulary - 1
    return [
        learned.text([n for n in row if n not in (PADDING, end)])
        for row in rows.tolist()
    ]
