"""Greedy and beam search: from what each token's probability is, to a text.

Both are one loop of Keras' operations, which every backend compiles. Padding
and the unknown stand for no text: they are never said.

Reference:
    Sutskever, Vinyals & Le, 2014, section 3.2 (beam search).
    https://arxiv.org/abs/1409.3215
    Wu et al., 2016, eq. (14) (length penalty).
    https://arxiv.org/abs/1609.08144
"""

from typing import Any

import keras
from keras import ops

from kerasnotes.base.types import Tensor
from kerasnotes.contracts.step_decoding import StepDecoder
from kerasnotes.data.text.tokenizer import PADDING, UNKNOWN

NEVER = -1e9
"""Logit, or nats, of what does not come."""


def greedy(decoder: StepDecoder, source: Tensor) -> Tensor:
    """Returns answers of the likeliest token at each place.

    Args:
        decoder: Of a network.
        source: Numbers of tokens `(B, S)`, int32.

    Returns:
        Numbers of tokens `(B, T)`, int32; 0 from the end on.
    """
    memory, state = decoder.begin(source)
    end, places = decoder.vocabulary - 1, ops.arange(decoder.length)
    first = source[:, :1] * 0
    last = first[:, 0] + end
    tokens = ops.repeat(first, decoder.length, axis=1)
    done = ops.not_equal(last, end)

    def go_on(index: Any, last: Tensor, done: Tensor, *_: Any) -> Any:
        return ops.logical_and(
            index < decoder.length, ops.logical_not(ops.all(done))
        )

    def step(
        index: Any, last: Tensor, done: Tensor, tokens: Tensor, state: Any
    ) -> Any:
        logits, state = decoder.step(last, index, memory, state)
        best = ops.cast(ops.argmax(_sayable(logits), axis=-1), "int32")
        done = ops.logical_or(done, ops.equal(best, end))
        best = ops.where(done, PADDING, best)
        tokens = ops.where(ops.equal(places, index), best[:, None], tokens)
        return index + 1, best, done, tokens, state

    start = (ops.zeros((), "int32"), last, done, tokens, state)
    return ops.while_loop(go_on, step, start)[3]


def beam(
    decoder: StepDecoder, source: Tensor, size: int, penalty: float
) -> Tensor:
    """Returns the best of the answers that a beam of several finds.

    Answers are compared by `log p / lp`, ended ones among those that go on:

        lp = ((5 + L) / 6)^a,   L tokens, the end among them

    An ended answer keeps its place while it is one of the best. A beam of
    one is the greedy search.

    Args:
        decoder: Of a network.
        source: Numbers of tokens `(B, S)`, int32.
        size: `K`, answers that are kept at each step.
        penalty: `a`; 0 prefers short answers, greater ones longer.

    Returns:
        Numbers of tokens `(B, T)`, int32; 0 from the end on.
    """
    memory, state = decoder.begin(source)
    memory, state = (
        keras.tree.map_structure(lambda x: ops.repeat(x, size, axis=0), each)
        for each in (memory, state)
    )
    table = ops.convert_to_tensor(_penalties(decoder.length, penalty))
    places, end = ops.arange(decoder.length), decoder.vocabulary - 1
    # (B, K); beyond the first there is no answer yet.
    zero = ops.repeat(source[:, :1] * 0, size, axis=1)
    nats = ops.cast(zero, "float32") + ops.where(
        ops.equal(ops.arange(size), 0), 0.0, NEVER
    )
    tokens = ops.repeat(zero[:, :, None], decoder.length, axis=2)
    done, lengths = ops.not_equal(zero, 0), zero

    def go_on(index: Any, done: Tensor, *_: Any) -> Any:
        return ops.logical_and(
            index < decoder.length, ops.logical_not(ops.all(done))
        )

    def step(
        index: Any,
        done: Tensor,
        last: Tensor,
        nats: Tensor,
        lengths: Tensor,
        tokens: Tensor,
        state: Any,
    ) -> Any:
        logits, state = decoder.step(
            ops.reshape(last, (-1,)), index, memory, state
        )
        each = _continued(logits, nats, done, decoder.vocabulary)
        lengths = lengths + ops.cast(ops.logical_not(done), "int32")
        score = each / ops.take(table, lengths, axis=0)[:, :, None]
        flat = (-1, size * decoder.vocabulary)
        _, best = ops.top_k(ops.reshape(score, flat), size)
        best = ops.cast(best, "int32")
        nats = ops.take_along_axis(ops.reshape(each, flat), best, axis=1)
        parent, said = best // decoder.vocabulary, best % decoder.vocabulary
        done, lengths = (
            ops.take_along_axis(x, parent, axis=1) for x in (done, lengths)
        )
        tokens = ops.take_along_axis(tokens, parent[:, :, None], axis=1)
        done = ops.logical_or(done, ops.equal(said, end))
        said = ops.where(done, PADDING, said)
        tokens = ops.where(ops.equal(places, index), said[:, :, None], tokens)
        state = _reordered(state, parent, size)
        return index + 1, done, said, nats, lengths, tokens, state

    start = (
        ops.zeros((), "int32"),
        done,
        zero + end,
        nats,
        lengths,
        tokens,
        state,
    )
    return ops.while_loop(go_on, step, start)[5][:, 0]


def _sayable(logits: Tensor) -> Tensor:
    """Returns logits `(B, V)` of which those of no text are no choice."""
    numbers = ops.arange(logits.shape[-1])
    silent = ops.logical_or(
        ops.equal(numbers, PADDING), ops.equal(numbers, UNKNOWN)
    )
    return ops.where(silent, NEVER, ops.cast(logits, "float32"))


def _continued(
    logits: Tensor, nats: Tensor, done: Tensor, vocabulary: int
) -> Tensor:
    """Returns `log p` of all answers, each with every token behind it.

    An ended one goes on with padding alone, which changes nothing.

    Args:
        logits: `(B K, V)`.
        nats: `log p` so far, `(B, K)`.
        done: Which have ended, `(B, K)`.
        vocabulary: `V`.

    Returns:
        Tensor `(B, K, V)`.
    """
    log_p = ops.log_softmax(_sayable(logits), axis=-1)
    log_p = ops.reshape(log_p, (-1, nats.shape[1], vocabulary))
    padding = ops.equal(ops.arange(vocabulary), PADDING)
    ended = ops.where(padding, 0.0, NEVER)
    return nats[:, :, None] + ops.where(done[:, :, None], ended, log_p)


def _reordered(state: Any, parent: Tensor, size: int) -> Any:
    """Returns states `(B K, ...)` of the answers that went on, `(B, K)`."""
    rows = ops.cumsum(ops.ones_like(parent[:, :1]), axis=0) - 1
    flat = ops.reshape(rows * size + parent, (-1,))
    return keras.tree.map_structure(lambda x: ops.take(x, flat, axis=0), state)


def _penalties(length: int, penalty: float) -> Any:
    """Returns `lp` of answers of 0 to `length` tokens, float32."""
    import numpy as np

    lengths = np.arange(length + 1)
    return (((5 + lengths) / 6) ** penalty).astype("float32")
