"""Network, distribution and draw of many tokens as one compiled loop.

The numbers that decide each draw come from outside, so a seed draws what the
plain loop of `writing.py` does, on every backend: in float32 here, so but
where two sums are equal to its last digits.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from kerasnotes.backends.compiled import compiled
from kerasnotes.base.types import Array, Tensor
from kerasnotes.contracts.capabilities import ReadsSteps
from kerasnotes.contracts.text_sampling import Wishes
from kerasnotes.data.text.tokenizer import PADDING, UNKNOWN

CHUNK = 40
"""Tokens that are drawn in one go, at most: text is shown as it comes. What
is left of a window of 64 behind its first half fits."""
BELOW_ONE = float(np.nextafter(np.float32(1), np.float32(0)))
"""The largest float32 that is no 1."""


@dataclasses.dataclass(frozen=True)
class Form:
    """What a loop is compiled for; the rest of `Wishes` is handed in.

    Args:
        greedy: Whether the likeliest token is taken.
        top_k: Tokens that may come, or `None` for all.
        top_p: Whether unlikely ones are left out.
    """

    greedy: bool
    top_k: int | None
    top_p: bool

    @classmethod
    def of(cls, wishes: Wishes) -> "Form":
        if wishes.temperature == 0:
            return cls(greedy=True, top_k=None, top_p=False)
        return cls(False, wishes.top_k, wishes.top_p is not None)


def draw(
    logits: Tensor, form: Form, uniform: Any, temperature: Any, top_p: Any
) -> Tensor:
    """Returns a token, int32 scalar; as `writing.draw`, in `keras.ops`.

    Args:
        logits: Of one place, `(V,)`.
        form: Which rules hold.
        uniform: Scalar from [0, 1).
        temperature: Scalar above 0; not looked at where `form` is greedy.
        top_p: Scalar; looked at if `form` says so.
    """
    tokens = ops.arange(logits.shape[0], dtype="int32")
    no_text = ops.logical_or(tokens == PADDING, tokens == UNKNOWN)
    scores = ops.where(no_text, -1e30, ops.cast(logits, "float32"))
    if form.greedy:
        return ops.cast(ops.argmax(scores), "int32")
    weights = ops.exp((scores - ops.max(scores)) / temperature)
    if form.top_k is not None or form.top_p:
        weights = _kept(scores, weights, form, top_p)
    below = ops.cumsum(weights)
    total = below[-1]
    place = ops.sum(ops.cast(below <= uniform * total, "int32"))
    # In float32 the product may be the whole sum.
    return ops.minimum(place, ops.sum(ops.cast(below < total, "int32")))


def _kept(scores: Tensor, weights: Tensor, form: Form, top_p: Any) -> Tensor:
    """Returns the weights of tokens that may come, 0 of others."""
    count = scores.shape[0]
    # Of equal ones the first is the likelier: sorting is stable.
    order = ops.argsort(-scores)[: min(form.top_k or count, count)]
    largest = ops.take(weights, order)
    if form.top_p:
        shares = largest / ops.sum(largest)
        before = ops.cumsum(shares) - shares
        largest = ops.where(before < top_p, largest, 0.0)
    return ops.scatter(order[:, None], largest, (count,))


@dataclasses.dataclass(frozen=True)
class Piece:
    """Tokens that are read in one go.

    Args:
        place: Tokens before them.
        ids: They, `(size,)`, filled up by 0.
        count: How many of these there are.
    """

    place: int
    ids: Array
    count: int

    @classmethod
    def all_of(cls, ids: Sequence[int], size: int) -> "list[Piece]":
        """Cuts a text into pieces of one size: they are compiled for once."""
        found = []
        for place in range(0, len(ids), size):
            some = ids[place : place + size]
            padded = np.zeros(size, "int32")
            padded[: len(some)] = some
            found.append(cls(place, padded, len(some)))
        return found

    def arrays(self) -> list[Any]:
        """Returns tokens, which are there, and their place, for a network."""
        present = np.arange(len(self.ids)) < self.count
        return [self.ids[None], present[None], np.int32(self.place)]


class WritingLoop:
    """Draws token after token, each read before the next.

    Args:
        model: The network, with its weights.
        form: Which rules hold.
    """

    def __init__(self, model: ReadsSteps, form: Form) -> None:
        network: Any = model
        self._model, self._form = model, form
        self._draw = compiled(self._drawing, network.variables)
        self._read = compiled(self._reading, network.variables)

    def read(self, piece: Piece, memory: Any) -> Any:
        """Returns a memory of further tokens."""
        return self._read(memory, piece.arrays())

    def draw(
        self,
        number: int,
        memory: Any,
        place: int,
        uniform: Array,
        wishes: Wishes,
        before: Sequence[Piece] = (),
    ) -> tuple[list[int], Any]:
        """Returns as many tokens as there are draws, and a memory.

        Args:
            number: The last token, not read yet.
            memory: Before it.
            place: Tokens before it.
            uniform: From [0, 1), `CHUNK` at most.
            wishes: Of the loop's form.
            before: At most one piece, to be read into the memory first.
        """
        count = len(uniform)
        padded = np.zeros(CHUNK, "float32")
        padded[:count] = np.minimum(uniform, BELOW_ONE)
        tokens, memory = self._draw(
            np.full((1, 1), number, "int32"),
            memory,
            np.int32(place),
            np.int32(count),
            padded,
            np.float32(wishes.temperature),
            np.float32(1.0 if wishes.top_p is None else wishes.top_p),
            [piece.arrays() for piece in before],
        )
        return ops.convert_to_numpy(tokens)[:count].tolist(), memory

    def _reading(self, memory: Any, piece: Any) -> Any:
        ids, present, place = piece
        ids, present = map(ops.convert_to_tensor, (ids, present))
        return self._model.advance(ids, memory, place, present)[1]

    def _drawing(
        self,
        number: Tensor,
        memory: Any,
        place: Any,
        count: Any,
        uniform: Tensor,
        temperature: Any,
        top_p: Any,
        before: Any,
    ) -> tuple[Tensor, Any]:
        memory = [ops.convert_to_tensor(one) for one in memory]
        for piece in before:
            memory = self._reading(memory, piece)
        uniform, places = ops.convert_to_tensor(uniform), ops.arange(CHUNK)

        def body(i: Any, carried: Any) -> Any:
            number, tokens, memory = carried
            logits, memory = self._model.advance(number, memory, place + i)
            drawn = draw(
                logits[0, -1], self._form, uniform[i], temperature, top_p
            )
            tokens = ops.where(places == i, drawn, tokens)
            return ops.reshape(drawn, (1, 1)), tokens, memory

        tokens = ops.zeros(CHUNK, "int32")
        begin = (ops.convert_to_tensor(number), tokens, memory)
        _, tokens, memory = ops.fori_loop(0, count, body, begin)
        return tokens, memory


def loop_of(model: ReadsSteps, wishes: Wishes) -> WritingLoop:
    """Returns the loop of a network; compiled once, however often asked."""
    # Past Keras' attributes: it would look into what it is given.
    kept: dict[Form, WritingLoop] = vars(model).setdefault("_loops", {})
    form = Form.of(wishes)
    if form not in kept:
        kept[form] = WritingLoop(model, form)
    return kept[form]
