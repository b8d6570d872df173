"""How often tokens follow each other: what a language model must beat.

Interpolated by Witten and Bell's rule, so that nothing has probability 0:

    P(w | h) = (c(h w) + T(h) P(w | h')) / (c(h) + T(h))

with `c` counts of the training part, `T(h)` how many different tokens follow
the history `h` there, and `h'` the history without its first token; below
the empty history lies `1 / V`.

Reference:
    Witten & Bell, 1991, IEEE Trans. Information Theory 37(4), 1085-1094.
    Chen & Goodman, 1999, section 2.4 (as written here).
    https://doi.org/10.1006/csla.1999.0128
"""

import dataclasses

import numpy as np

from kerasnotes.base.types import Array

ORDERS = {1: "unigram", 2: "bigram", 3: "trigram"}
MOST = 5_000_000
"""Tokens that are counted: the last of the training part."""
PIECE = 2**20
"""Tokens whose probabilities are held at once."""


@dataclasses.dataclass(frozen=True)
class Counts:
    """How often runs of one length occur.

    Args:
        runs: Different runs as whole numbers to the base V, sorted.
        counts: How often each comes.
    """

    runs: Array
    counts: Array

    @classmethod
    def of(cls, runs: Array) -> "Counts":
        return cls(*np.unique(runs, return_counts=True))

    def find(self, runs: Array) -> Array:
        """Returns how often each of some runs comes, float64."""
        if not len(self.runs):
            return np.zeros(runs.shape)
        place = np.searchsorted(self.runs, runs).clip(max=len(self.runs) - 1)
        return np.where(self.runs[place] == runs, self.counts[place], 0.0)


class NGrams:
    """Probabilities by the tokens just before.

    Args:
        ids: Tokens of the training part, `(N,)`.
        vocabulary: `V`, how many different numbers there are.
        order: Tokens of the longest run, 1 to 3.
    """

    def __init__(self, ids: Array, vocabulary: int, order: int = 3) -> None:
        ids = np.asarray(ids[-MOST:], "int64")
        self.vocabulary, self.order = vocabulary, order
        self.whole: list[Counts] = []
        self.before: list[Counts] = []
        self.different: list[Counts] = []
        for length in range(1, order + 1):
            runs = _runs(ids, length, vocabulary)
            found = Counts.of(runs)
            self.whole.append(found)
            self.before.append(Counts.of(runs // vocabulary))
            self.different.append(Counts.of(found.runs // vocabulary))

    def nats(self, ids: Array) -> Array:
        """Returns the sums of `-log p` over all tokens but the first.

        Args:
            ids: `(N,)`, of any length: they are read in pieces.

        Returns:
            Array `(order,)`, float64.
        """
        total = np.zeros(self.order)
        for first in range(1, len(ids), PIECE):
            # With what is before, which is counted already.
            known = min(first, max(1, self.order - 1))
            found = self.probabilities(ids[first - known : first + PIECE])
            total -= np.log(found[:, known - 1 :]).sum(axis=1)
        return total

    def probabilities(self, ids: Array) -> Array:
        """Returns those of every token but the first, given what is before.

        Args:
            ids: `(N,)`.

        Returns:
            Array `(order, N - 1)`, float64: by the run of one token, of two
            ... The first tokens have shorter histories.
        """
        ids = np.asarray(ids, "int64")
        lower = np.full(len(ids), 1 / self.vocabulary)
        found = []
        for length in range(1, self.order + 1):
            runs = _runs(ids, length, self.vocabulary)
            history = runs // self.vocabulary
            types = self.different[length - 1].find(history)
            total = self.before[length - 1].find(history)
            count = self.whole[length - 1].find(runs)
            below = lower[length - 1 :]
            known = total > 0
            mixed = (count + types * below) / np.maximum(total + types, 1)
            lower = lower.copy()
            lower[length - 1 :] = np.where(known, mixed, below)
            found.append(lower[1:])
        return np.stack(found)


def _runs(ids: Array, length: int, vocabulary: int) -> Array:
    """Returns every run of `length` tokens as a number to the base V."""
    count = max(0, len(ids) - length + 1)
    runs = np.zeros(count, "int64")
    for place in range(length):
        runs = runs * vocabulary + ids[place : place + count]
    return runs
