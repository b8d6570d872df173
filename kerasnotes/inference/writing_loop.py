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

CHUNK = 32
"""Tokens that are drawn in one go, at most: text is shown as it comes."""
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

    def read(
        self, ids: Sequence[int], memory: Any, place: int, size: int
    ) -> Any:
        """Returns a memory of further tokens.

        Args:
            ids: What comes next, `size` tokens at most.
            memory: Before them.
            place: Tokens before them.
            size: Of what is read in one go: one number for one compilation.
        """
        padded = np.zeros((1, size), "int32")
        padded[0, : len(ids)] = ids
        present = np.arange(size)[None] < len(ids)
        return self._read(padded, present, memory, np.int32(place))

    def draw(
        self,
        number: int,
        memory: Any,
        place: int,
        uniform: Array,
        wishes: Wishes,
    ) -> tuple[list[int], Any]:
        """Returns as many tokens as there are draws, and a memory.

        Args:
            number: The last token, not read yet.
            memory: Before it.
            place: Tokens before it.
            uniform: From [0, 1), `CHUNK` at most.
            wishes: Of the loop's form.
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
        )
        return ops.convert_to_numpy(tokens)[:count].tolist(), memory

    def _reading(
        self, ids: Tensor, present: Tensor, memory: Any, place: Any
    ) -> Any:
        ids, present = ops.convert_to_tensor(ids), ops.convert_to_tensor(present)
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
    ) -> tuple[Tensor, Any]:
        uniform, places = ops.convert_to_tensor(uniform), ops.arange(CHUNK)

        def body(i: Any, carried: Any) -> Any:
            number, tokens, memory = carried
            logits, memory = self._model.advance(number, memory, place + i)
            drawn = draw(
                logits[0, -1], self._form, uniform[i], temperature, top_p
            )
            tokens = ops.where(places == i, drawn, tokens)
            return ops.reshape(drawn, (1, 1)), tokens, memory

        begin = (
            ops.convert_to_tensor(number),
            ops.zeros(CHUNK, "int32"),
            [ops.convert_to_tensor(one) for one in memory],
        )
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
