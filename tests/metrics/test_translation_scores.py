"""Scores of translations: published examples, and what a word is."""

import pytest

from kerasnotes.metrics.translation_scores import (
    nearest,
    signature,
    translation_scores,
    words_of,
)

pytestmark = pytest.mark.once


def test_what_is_right_scores_highest():
    texts = ["Two young men are outside.", "A dog runs."]
    found = translation_scores(texts, texts)
    assert found["exact_match"] == 1
    assert found["bleu"] == pytest.approx(100)
    assert found["chrf"] == pytest.approx(100)


def test_bleu_by_hand():
    """4 of 5 words, 3 of 4 pairs, 2 of 3 triples, 1 of 2 quadruples."""
    found = translation_scores(["a b c d e"], ["a b c d x"])
    expected = 100 * (4 / 5 * 3 / 4 * 2 / 3 * 1 / 2) ** 0.25
    assert found["bleu"] == pytest.approx(expected)
    # Half as long: the brevity penalty exp(1 - 10 / 5).
    short = translation_scores(["a b c d e f g h i j"], ["a b c d e"])
    assert short["bleu"] == pytest.approx(100 * 2.718281828 ** (1 - 10 / 5))
    assert found["exact_match"] == 0


def test_words_of_chinese_are_characters():
    assert words_of(["我们去吧。"]) == "zh"
    assert words_of(["We go."]) == "13a"
    assert "tok:zh" in signature(["我们去吧。"])
    found = translation_scores(["我们去公园玩吧"], ["我们去公园吃吧"])
    assert 0 < found["bleu"] < 100


def test_the_nearest_source():
    sources = ["4. September 2019", "5 mai 1999", "12 June 2001"]
    asked = ["4. September 2018", "12 june 2002", "5 mai 1999"]
    assert nearest(sources, asked).tolist() == [0, 2, 1]
