"""Text drawn from a network of a language, token by token.

One uniform number of NumPy's generator a token: what a seed draws is the same
on every backend, but where two sums are equal to the last digits of float32.
Networks that read token by token are asked in `writing_loop.py`; `draw` says
the same on the host, in float64, of any network.

Reference:
    Fan, Lewis & Dauphin, 2018 (top-k). https://arxiv.org/abs/1805.04833
    Holtzman et al., 2020, section 3.1 (top-p, nucleus).
    https://arxiv.org/abs/1904.09751
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.contracts.capabilities import ReadsSteps
from kerasnotes.contracts.text_sampling import Wishes
from kerasnotes.data.text.tokenizer import PADDING, UNKNOWN
from kerasnotes.inference.predictor import Predictor
from kerasnotes.inference.writing_loop import CHUNK, Piece, loop_of


def probabilities(logits: Array, wishes: Wishes) -> Array:
    """Returns what is drawn from, `(V,)`, float64.

    Padding and the unknown stand for no text: they never come.

    Args:
        logits: Of one place, `(V,)`.
        wishes: `top_k` is heeded before `top_p`.
    """
    scores = np.array(logits, "float64")
    scores[[PADDING, UNKNOWN]] = -np.inf
    # Of equal ones the first is the likelier.
    order = np.argsort(-scores, kind="stable")
    if wishes.temperature == 0:
        chosen = np.zeros(len(scores))
        chosen[order[0]] = 1.0
        return chosen
    weights = np.exp((scores - scores[order[0]]) / wishes.temperature)
    if wishes.top_k is not None:
        weights[order[wishes.top_k :]] = 0.0
    weights /= weights.sum()
    if wishes.top_p is not None:
        before = np.cumsum(weights[order]) - weights[order]
        weights[order[before >= wishes.top_p]] = 0.0
        weights /= weights.sum()
    return np.asarray(weights)


def draw(logits: Array, wishes: Wishes, uniform: float) -> int:
    """Returns a token by the inverse of the distribution function.

    Args:
        logits: Of one place, `(V,)`.
        wishes: How it is drawn.
        uniform: From [0, 1).
    """
    below = np.cumsum(probabilities(logits, wishes))
    place = int(np.searchsorted(below, uniform * below[-1], side="right"))
    return place


def write(
    model: Any, prompt: Sequence[int], window: int, wishes: Wishes
) -> Iterator[int]:
    """Yields tokens without an end.

    A network that reads token by token does so in a compiled loop, some
    tokens at a time; another is given the last window anew for every token.

    Args:
        model: The network.
        prompt: Tokens to go on from; at least one, or it begins with the
            commonest.
        window: Tokens that a network that reads windows alone is given.
        wishes: How they are drawn.
    """
    rng = np.random.default_rng(wishes.seed)
    first = list(prompt) or [UNKNOWN + 1]
    if isinstance(model, ReadsSteps):
        return _in_chunks(model, first, wishes, rng)
    return _anew(model, first, window, wishes, rng)


def _in_chunks(
    model: ReadsSteps, text: list[int], wishes: Wishes, rng: Any
) -> Iterator[int]:
    """Yields what the compiled loop draws.

    Where a memory is full, it begins anew with the last half of what it
    held; and so it does of a prompt that it does not hold.
    """
    loop, room = loop_of(model, wishes), model.room
    half = CHUNK if room is None else max(1, room // 2)
    text = text if room is None or len(text) <= room else text[-half:]
    memory: Any = model.empty_memory(1)
    place, before = len(text) - 1, Piece.all_of(text[:-1], half)
    while True:
        if place == room:
            text = text[-half:]
            place, before = half - 1, Piece.all_of(text[:-1], half)
        for piece in before[:-1]:
            memory = loop.read(piece, memory)
        count = CHUNK if room is None else min(CHUNK, room - place)
        uniform = rng.random(count)
        drawn, memory = loop.draw(
            text[-1], memory, place, uniform, wishes, before[-1:]
        )
        text, place, before = (text + drawn)[-half:], place + count, []
        yield from drawn


def _anew(
    model: Any, text: list[int], window: int, wishes: Wishes, rng: Any
) -> Iterator[int]:
    predict, seen = Predictor(model), list(text)
    while True:
        seen = seen[-window:]
        # Causal: what stands behind changes nothing.
        ids = np.zeros((1, window), "int32")
        ids[0, : len(seen)] = seen
        logits = predict(ids)[0, len(seen) - 1]
        seen.append(draw(logits, wishes, rng.random()))
        yield seen[-1]
