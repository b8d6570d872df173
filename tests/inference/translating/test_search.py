"""Greedy and beam search against NumPy, and against all answers there are."""

import itertools

import numpy as np
import pytest
from keras import ops

from kerasnotes.inference.translating.search import beam, greedy

from .reference import log_p, numpy_beam, numpy_greedy, padded, penalty_of

T, V = 5, 7
END = V - 1
SAYABLE = range(2, V)


class Table:
    """A decoder whose logits stand in a table: by source, place, token."""

    network, source_length, length, vocabulary = None, 1, T, V

    def __init__(self, table):
        self.table = table.astype("float32")  # (N, T, V, V)

    def begin(self, source):
        rows = source[:, 0]
        # A state that shows whether a beam carries the right ones on.
        return [rows], [ops.cast(rows, "int32") * 0]

    def step(self, tokens, index, memory, state):
        [rows], [seen] = memory, state
        place = (rows * T + index) * V + tokens
        flat = ops.convert_to_tensor(self.table.reshape(-1, V))
        logits = ops.take(flat, place, axis=0)
        extra = ops.cast(seen % 3, "float32")[:, None]
        numbers = ops.arange(V, dtype="float32")
        return logits + extra * numbers / 5, [seen * 2 + tokens]

    def logits(self, row, said):
        """Returns the same in NumPy, behind what was said."""
        seen = 0
        for token in [END, *said][:-1]:
            seen = seen * 2 + token
        last = ([END, *said])[-1]
        found = self.table[row, len(said), last].astype("float64")
        return found + (seen % 3) * np.arange(V) / 5


@pytest.fixture(scope="module")
def decoder():
    rng = np.random.default_rng(3)
    return Table(rng.normal(0, 1.3, (6, T, V, V)))


@pytest.fixture(scope="module")
def source():
    return ops.convert_to_tensor(np.arange(6, dtype="int32")[:, None])


def test_greedy_is_that_of_numpy(decoder, source):
    found = ops.convert_to_numpy(greedy(decoder, source))
    expected = [
        padded(
            numpy_greedy(lambda s, r=r: decoder.logits(r, s), T, END), T, END
        )
        for r in range(6)
    ]
    assert found.tolist() == expected
    assert len({sum(k > 0 for k in row) for row in expected}) > 1


@pytest.mark.parametrize(
    ("size", "a"), [(1, 0.6), (3, 0.0), (3, 1.0), (5, 0.6)]
)
def test_beam_is_that_of_numpy(decoder, source, size, a):
    found = ops.convert_to_numpy(beam(decoder, source, size, a))
    expected = [
        padded(
            numpy_beam(lambda s, r=r: decoder.logits(r, s), T, END, size, a),
            T,
            END,
        )
        for r in range(6)
    ]
    assert found.tolist() == expected


def test_a_beam_of_one_is_greedy(decoder, source):
    one = ops.convert_to_numpy(beam(decoder, source, 1, 0.9))
    np.testing.assert_array_equal(
        one, ops.convert_to_numpy(greedy(decoder, source))
    )


def test_a_wide_beam_finds_the_best_of_all(source):
    """Of short texts a beam as wide as all of them is exhaustive."""
    rng = np.random.default_rng(5)
    short = Table(rng.normal(0, 1.3, (6, T, V, V)))
    short.length = 2
    found = ops.convert_to_numpy(beam(short, source[:3], 25, 0.6))
    for row in range(3):
        answers = [[END]] + [
            [one, other]
            for one, other in itertools.product(SAYABLE, SAYABLE)
            if one != END
        ]

        def score(said, row=row):
            total = sum(
                log_p(short.logits(row, said[:n]))[k]
                for n, k in enumerate(said)
            )
            return total / penalty_of(len(said), 0.6)

        best = max(answers, key=score)
        assert found[row].tolist() == padded(best, 2, END)


def test_a_great_penalty_prefers_longer_answers(decoder, source):
    def tokens(a):
        rows = ops.convert_to_numpy(beam(decoder, source, 5, a))
        return int((rows != 0).sum())

    assert tokens(0.0) < tokens(4.0)
