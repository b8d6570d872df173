"""How tokens are drawn, against NumPy."""

import numpy as np
import pytest

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.text_sampling import Wishes, check, check_options
from kerasnotes.inference.writing import draw, probabilities

pytestmark = pytest.mark.once


@pytest.fixture
def logits(rng):
    return rng.normal(size=12).astype("float32") * 2


def softmax(x):
    weights = np.exp(x - x.max())
    return weights / weights.sum()


def test_padding_and_unknown_never_come(logits):
    found = probabilities(logits, Wishes(temperature=0.7))
    assert found[:2].tolist() == [0, 0]
    np.testing.assert_allclose(
        found[2:], softmax(logits[2:].astype("float64") / 0.7)
    )


def test_top_k(logits):
    found = probabilities(logits, Wishes(top_k=3))
    best = np.sort(logits[2:])[-3:]
    expected = np.where(np.isin(logits, best), np.exp(logits), 0.0)
    expected[:2] = 0
    np.testing.assert_allclose(found, expected / expected.sum(), rtol=1e-6)


@pytest.mark.parametrize("top_p", [0.01, 0.5, 0.9, 1.0])
def test_top_p_is_the_smallest_set(logits, top_p):
    whole = probabilities(logits, Wishes())
    found = probabilities(logits, Wishes(top_p=top_p))
    kept = whole[found > 0]
    assert kept.sum() >= top_p - 1e-12
    # Without the least of them it would be too little.
    assert kept.sum() - kept.min() < top_p
    assert kept.min() >= whole[found == 0].max(initial=0)
    np.testing.assert_allclose(found.sum(), 1.0)


def test_drawn_as_often_as_it_is_likely(logits):
    wishes = Wishes(temperature=1.5)
    even = (np.arange(20_000) + 0.5) / 20_000
    drawn = [draw(logits, wishes, float(u)) for u in even]
    share = np.bincount(drawn, minlength=12) / len(drawn)
    np.testing.assert_allclose(share, probabilities(logits, wishes), atol=1e-4)
    best = 2 + int(np.argmax(logits[2:]))
    assert draw(logits, Wishes(temperature=0), 0.99) == best


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": -1}, {"temperature": float("nan")}, {"top_k": 0}]
    + [{"top_p": 0.0}, {"top_p": 1.1}, {"seed": -1}],
)
def test_numbers_out_of_range(wrong):
    with pytest.raises(UsageError):
        check(Wishes(**wrong), 10)
    with pytest.raises(UsageError):
        check(Wishes(), 0)


def test_options_of_the_other_kind():
    with pytest.raises(UsageError, match="--top-k"):
        check_options("generation", {"count": 3, "top_k": 4})
    with pytest.raises(UsageError, match="--class"):
        check_options("language", {"label": "7", "top_k": 4})
    check_options("language", {"label": None, "trajectory": False, "top_k": 1})
