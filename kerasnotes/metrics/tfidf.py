"""The simple rule beside a network that reads texts: words counted.

    tf-idf_w = (1 + ln n_w) (1 + ln((1 + N) / (1 + N_w))),   of unit length

of single words and pairs (of characters, up to three in a row, where no
spaces part words), and a logistic regression on these.

Reference:
    Sparck Jones, 1972, Journal of Documentation 28(1), 11-21.
    Wang & Manning, 2012, Baselines and bigrams.
    https://aclanthology.org/P12-2018
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.text.scripts import is_unparted

ROWS = 20_000
"""Training texts that it is fitted on, at most."""
STRENGTHS = (1.0, 10.0, 100.0)
"""Inverse penalties, of which cross-validation picks one."""
PARTS = 3
LOOKED_AT = 1_000

Rule = Callable[[Sequence[str]], Array]


def fit_tfidf(texts: Sequence[str], y: Array, classes: int) -> Rule | None:
    """Fits the rule.

    Args:
        texts: Of the training part.
        y: Class numbers, `(N,)`.
        classes: `K`.

    Returns:
        From texts to probabilities `(N, K)`; `None` if there is a single
        class, or no word.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    known, counts = np.unique(y, return_counts=True)
    if len(known) < 2:
        return None
    unparted = is_unparted("".join(texts[:LOOKED_AT]))
    kind: dict[str, Any] = {"token_pattern": r"\w+", "ngram_range": (1, 2)}
    if unparted:
        kind = {"analyzer": "char", "ngram_range": (1, 3)}
    count = TfidfVectorizer(sublinear_tf=True, **kind)
    try:
        x = count.fit_transform(texts)
    except ValueError:  # signs alone: no word
        return None
    line = _line(int(counts.min()))
    line.fit(x, y)

    def answer(asked: Sequence[str]) -> Array:
        out = np.zeros((len(asked), classes))
        out[:, known] = line.predict_proba(count.transform(asked))
        return out

    return answer


def _line(fewest: int) -> Any:
    """Returns a logistic regression; `fewest` examples has a class."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV

    plain = LogisticRegression(C=STRENGTHS[1], max_iter=1_000)
    if fewest < PARTS:
        return plain
    return GridSearchCV(plain, {"C": STRENGTHS}, scoring="f1_macro", cv=PARTS)
