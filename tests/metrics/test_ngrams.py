"""Frequencies of runs, against counting in dictionaries."""

from collections import Counter

import numpy as np
import pytest

from kerasnotes.metrics.ngrams import NGrams

pytestmark = pytest.mark.once
SIZE = 7


@pytest.fixture(scope="module")
def ids():
    # One token, 6, is never seen.
    return np.random.default_rng(0).integers(0, SIZE - 1, 60).astype("uint8")


def oracle(train, history, token, size):
    """Witten and Bell's rule, word for word."""
    below = 1 / size
    for length in range(len(history) + 1):
        past = tuple(history[len(history) - length :])
        runs = Counter(
            tuple(train[i : i + length + 1]) for i in range(len(train) - length)
        )
        following = {r[-1]: c for r, c in runs.items() if r[:-1] == past}
        if not following:
            return below
        total, kinds = sum(following.values()), len(following)
        below = (following.get(token, 0) + kinds * below) / (total + kinds)
    return below


def test_equal_to_the_rule(ids):
    test = np.array([3, 6, 1, 1, 0, 5, 2, 4])
    found = NGrams(ids, SIZE).probabilities(test)
    assert found.shape == (3, 7)
    plain = ids.tolist()
    for order in (1, 2, 3):
        for place in range(1, len(test)):
            past = test[max(0, place - order + 1) : place].tolist()
            expected = oracle(plain, past, int(test[place]), SIZE)
            assert found[order - 1, place - 1] == pytest.approx(expected)


def test_sums_to_one(ids):
    rules = NGrams(ids, SIZE)
    for past in ([0, 1], [6, 6], [5, 0]):
        each = [rules.probabilities(np.array([*past, t])) for t in range(SIZE)]
        np.testing.assert_allclose(sum(one[:, -1] for one in each), 1.0)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("count", [1, 2, 9, 40])
def test_sums_in_pieces(ids, order, count, monkeypatch):
    rules = NGrams(ids, SIZE, order)
    test = np.random.default_rng(count).integers(0, SIZE, count)
    expected = -np.log(rules.probabilities(test)).sum(axis=1)
    monkeypatch.setattr("kerasnotes.metrics.ngrams.PIECE", 4)
    np.testing.assert_allclose(rules.nats(test), expected)
