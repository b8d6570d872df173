"""A long text read by a network of a language: how likely each token was."""

from typing import Any

import numpy as np

from kerasnotes.base.types import Array, Progress
from kerasnotes.contracts.answering import Answering
from kerasnotes.contracts.capabilities import CarriesState
from kerasnotes.inference.predictor import Predictor

LEAD = 4
"""Windows that are read, and not counted, where a stretch begins."""
LEAST = 64
"""Windows of a stretch, at least."""
STRETCHES = 32
"""Read side by side, at most."""


def nats_carried(
    model: CarriesState,
    ids: Array,
    window: int,
    progress: Progress | None = None,
) -> Array:
    """Returns `-log p` of every token but the first, the state carried on.

    A long text is read as several stretches side by side. Each but the first
    begins `LEAD` windows earlier, with what is counted in the one before, so
    that its state is no beginner's.

    Args:
        model: The network.
        ids: `(N,)`, numbers of tokens.
        window: Tokens read at a time.
        progress: Told how far it is.

    Returns:
        Array `(N - 1,)`, nats, float64.
    """
    count = len(ids) - 1
    stretches = int(np.clip(count // (LEAST * window), 1, STRETCHES))
    length = -(-count // stretches)
    starts = np.arange(stretches) * length
    lead = LEAD * window if stretches > 1 else 0
    states = model.first_state(stretches)
    found = np.zeros((stretches, length))
    for first in range(-lead, length, window):
        # Before its beginning a text has nothing: the first one waits.
        places = starts[:, None] + np.arange(first, first + window + 1)
        tokens = np.asarray(ids[places.clip(0, count)], "int32")
        if first == 0:
            for state in states:
                state[0] = 0
        logits, states = model.read_on(tokens[:, :-1], states)
        states = [np.array(state) for state in states]
        if first < 0:
            continue
        nats = nats_of(logits, tokens[:, 1:])
        stop = min(first + window, length)
        found[:, first:stop] = nats[:, : stop - first]
        if progress is not None:
            progress("reading on", stop * stretches, length * stretches)
    return found.reshape(-1)[:count]


def nats_in_windows(
    model: Answering, ids: Array, window: int, batch_size: int
) -> Array:
    """Returns `-log p` of every token but the first, each window alone.

    Args:
        model: The network.
        ids: `(N,)`, numbers of tokens.
        window: Tokens of a window; the last one begins earlier.
        batch_size: Windows at once.

    Returns:
        Array `(N - 1,)`, nats, float64.
    """
    predict, count = Predictor(model), len(ids) - 1
    size = min(window, count)
    starts = np.arange(0, count, size)
    found = np.zeros(count)
    for first in range(0, len(starts), batch_size):
        some = starts[first : first + batch_size].clip(max=count - size)
        tokens = np.asarray(ids[some[:, None] + np.arange(size + 1)], "int32")
        nats = nats_of(predict(tokens[:, :-1]), tokens[:, 1:])
        known = starts[first : first + batch_size]
        for start, begin, row in zip(some, known, nats, strict=True):
            found[begin : start + size] = row[begin - start :]
    return found


def nats_of(logits: Any, tokens: Array) -> Array:
    """Returns `-log softmax(logits)` at tokens `(B, T)`, float64."""
    scores = np.asarray(logits, "float64")
    scores = scores - scores.max(axis=-1, keepdims=True)
    total = np.log(np.exp(scores).sum(axis=-1))
    own = np.take_along_axis(scores, tokens[..., None].astype("int64"), -1)
    return np.asarray(total - own[..., 0])
