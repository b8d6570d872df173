"""A long text read by a network of a language: how likely each token was.

Pieces are told as they are read: of a text that does not fit into memory,
sums are all that is kept.
"""

import dataclasses
from collections.abc import Iterable, Iterator
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
Piece = tuple[Array, Array]
"""`-log p`, `(R, T)`, nats, float64, and the place of each row's first,
`(R,)`: 0 is the text's second token, the first that has any before it."""


@dataclasses.dataclass
class Sums:
    """What is kept of a text that is read.

    Args:
        window: Tokens of a window.

    Attributes:
        total: Nats of all tokens.
        count: How many these are.
    """

    window: int
    total: float = 0.0
    count: int = 0

    def __post_init__(self) -> None:
        self._nats = np.zeros(self.window)
        self._counts = np.zeros(self.window, "int64")

    def add(self, pieces: Iterable[Piece]) -> "Sums":
        """Adds pieces, and returns itself."""
        for places, nats in pieces:
            self.total += float(nats.sum())
            self.count += nats.size
            place = (places[:, None] + np.arange(nats.shape[1])) % self.window
            flat = place.reshape(-1)
            self._nats += np.bincount(flat, nats.reshape(-1), self.window)
            self._counts += np.bincount(flat, minlength=self.window)
        return self

    @property
    def by_place(self) -> Array:
        """Mean over windows at each place, `(T,)`, where there is any."""
        known = self._counts > 0
        return np.asarray(self._nats[known] / self._counts[known])


def collect(pieces: Iterable[Piece], count: int) -> Array:
    """Returns `-log p` of every token but the first, `(N - 1,)`.

    Args:
        pieces: Of a short text.
        count: `N - 1`.
    """
    found = np.zeros(count)
    for places, nats in pieces:
        for place, row in zip(places, nats, strict=True):
            found[place : place + len(row)] = row
    return found


def carried(
    model: CarriesState,
    ids: Array,
    window: int,
    progress: Progress | None = None,
) -> Iterator[Piece]:
    """Yields every token's nats, the state carried on from window to window.

    A long text is read as several stretches side by side. Each but the first
    begins `LEAD` windows earlier, with what is counted in the one before, so
    that its state is no beginner's.

    Args:
        model: The network.
        ids: `(N,)`, numbers of tokens.
        window: Tokens read at a time.
        progress: Told how far it is.
    """
    count = len(ids) - 1
    stretches = int(np.clip(count // (LEAST * window), 1, STRETCHES))
    length = -(-count // stretches)
    starts = np.arange(stretches) * length
    lead = LEAD * window if stretches > 1 else 0
    states = model.first_state(stretches)
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
        for start, row in zip(starts + first, nats, strict=True):
            # The last stretch may be shorter.
            left = max(0, min(stop - first, count - int(start)))
            if left:
                yield np.array([start]), row[None, :left]
        if progress is not None:
            progress("reading on", stop * stretches, length * stretches)


def in_windows(
    model: Answering,
    ids: Array,
    window: int,
    batch_size: int,
    overlap: int = 0,
) -> Iterator[Piece]:
    """Yields every token's nats, by windows without a state between them.

    With an overlap each window but the first counts only its tokens behind
    that: all of them have so many before them at least, as they have where
    text is written. Each is counted once, seen by nothing after it.

    Args:
        model: The network.
        ids: `(N,)`, numbers of tokens.
        window: Tokens of a window; the last one begins earlier.
        batch_size: Windows at once.
        overlap: Tokens that a window shares with the one before.
    """
    predict, count = Predictor(model), len(ids) - 1
    size = min(window, count)
    step = size - min(overlap, size - 1)
    starts = np.arange(0, count - size + step, step).clip(max=count - size)
    ends = starts + size
    begins = np.concatenate([[0], ends[:-1]])
    for first in range(0, len(starts), batch_size):
        some = slice(first, first + batch_size)
        places = starts[some, None] + np.arange(size + 1)
        tokens = np.asarray(ids[places], "int32")
        nats = nats_of(predict(tokens[:, :-1]), tokens[:, 1:])
        counted = ends[some] - begins[some]
        for length in np.unique(counted):
            rows = counted == length
            yield begins[some][rows], nats[rows, size - length :]


def nats_of(logits: Any, tokens: Array) -> Array:
    """Returns `-log softmax(logits)` at tokens `(B, T)`, float64."""
    scores = np.asarray(logits, "float64")
    scores = scores - scores.max(axis=-1, keepdims=True)
    total = np.log(np.exp(scores).sum(axis=-1))
    own = np.take_along_axis(scores, tokens[..., None].astype("int64"), -1)
    return np.asarray(total - own[..., 0])
