"""Which tokens tell a class, against counts by hand; lines of a text."""

import numpy as np
import pytest

from kerasnotes.figures.text_figures import wrapped
from kerasnotes.figures.text_sheet import count_tokens, telling

pytestmark = pytest.mark.once


def test_texts_with_a_token_are_counted_once_each():
    x = np.array([[2, 2, 3, 0], [2, 1, 0, 0], [4, 3, 0, 0]])
    counts = count_tokens(x, np.array([0, 0, 1]), 5, 2)
    assert counts.tolist() == [[0, 0, 2, 1, 0], [0, 0, 0, 1, 1]]


def test_what_only_one_class_says_tells_it():
    counts = np.array([[0, 0, 9, 5, 0], [0, 0, 0, 5, 7]])
    assert telling(counts, 0, 3) == [2]
    assert telling(counts, 1, 1) == [4]


def test_a_long_text_is_cut_to_its_lines():
    lines = wrapped("word " * 100, 30, 2)
    assert len(lines) == 2
    assert lines[-1].endswith("\u2026")
    assert max(map(len, lines)) <= 32
    assert len(wrapped("\u4e2d" * 100, 30, 9)[0]) == 15
    assert wrapped("", 30, 2) == ["(no name)"]
