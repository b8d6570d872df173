"""Counted words: told apart by those of the class, on any script."""

import numpy as np
import pytest

from kerasnotes.metrics.tfidf import fit_tfidf

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "signs",
    [("good film", "bad film"), ("\u597d\u7535\u5f71", "\u574f\u7535\u5f71")],
)
def test_classes_are_told_by_the_word_that_differs(signs):
    texts = [f"{signs[n % 2]} {n}" for n in range(20)]
    y = np.arange(20) % 2
    rule = fit_tfidf(texts, 2 * y, 3)
    answer = rule([f"{signs[0]} 99", f"{signs[1]} 99"])
    assert answer.shape == (2, 3)
    assert answer.argmax(axis=1).tolist() == [0, 2]
    # Class 1 has no example: nothing is said of it.
    assert (answer[:, 1] == 0).all()
    np.testing.assert_allclose(answer.sum(axis=1), 1)


def test_a_class_of_one_is_fitted_all_the_same():
    rule = fit_tfidf(["a b", "a c", "a d", "z"], np.array([0, 0, 0, 1]), 2)
    assert rule(["z"]).shape == (1, 2)


def test_there_is_no_rule_without_words_or_classes():
    assert fit_tfidf(["!!", "??"], np.array([0, 1]), 2) is None
    assert fit_tfidf(["a", "b"], np.array([1, 1]), 2) is None
