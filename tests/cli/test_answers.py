"""Answers in a few words."""

import pytest

from kerasnotes_cli.shared.answers import explain_doubt, say

pytestmark = pytest.mark.once


def bayesian(entropy, information):
    row = {"class": "7", "probability": 0.5, "p_7": 0.5, "p_1": 0.5}
    return {**row, "entropy": entropy, "mutual_information": information}


@pytest.mark.parametrize(
    ("entropy", "information", "told"),
    [
        (0.05, 0.01, "7 (0.500), sure: entropy 0.05 = 0.04 aleatoric + 0.01"),
        (0.2, 0.0, "fairly sure: entropy 0.20 = 0.20 aleatoric + 0.00"),
        (0.69, 0.6, "unsure: entropy 0.69 = 0.09 aleatoric + 0.60 epistemic"),
        # Rounding may leave either part a little below zero.
        (0.01, 0.02, "= 0.00 aleatoric + 0.02"),
        (0.01, -1e-8, "= 0.01 aleatoric + 0.00"),
    ],
)
def test_doubt_in_words(entropy, information, told):
    assert told in say(bayesian(entropy, information))


def test_doubt_is_explained_where_there_is_some():
    assert "0.69 at most" in explain_doubt(bayesian(0.1, 0.0))
    assert explain_doubt({"class": "7", "probability": 0.5}) is None


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"class": "a", "probability": 0.25, "p_a": 0.25}, "a (0.250)"),
        (
            {
                "overlay": "o.png",
                "part_a": 0.1,
                "part_b": 0.4,
                "part_c": 0.3,
                "part_d": 0.2,
                "part_e": 0.0,
            },
            "b 40%, c 30%, d 20% and 1 more -> o.png",
        ),
        ({"restored": "r.png", "filled": 0.25}, "25% of it filled in -> r.png"),
        ({"enlarged": 2}, "enlarged 2 times"),
        ({"change": 0.125}, "changed by 0.125 (root mean square)"),
    ],
)
def test_other_answers(row, told):
    assert say(row) == told
