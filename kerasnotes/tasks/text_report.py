"""What a report on texts says besides: a simple rule, mistakes to read."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from kerasnotes.data.dataset import ReadsTexts, Split
from kerasnotes.data.reading import parts, read_batch, spread
from kerasnotes.metrics.class_tally import ClassTally
from kerasnotes.metrics.tfidf import ROWS, fit_tfidf

BESIDE = ("accuracy", "macro_f1", "f1_")
"""Numbers of the simple rule that are told."""
ENDING = "_tfidf"


def text_of(split: Split, index: int) -> str:
    """Returns an example of a split of texts as its source has it."""
    return cast(ReadsTexts, split).text(index)


def compare(
    split: Split,
    train: Split,
    classes: Sequence[str],
    metrics: dict[str, float],
) -> tuple[dict[str, float], list[str]]:
    """Returns the scores of counted words on the same texts, and remarks.

    Args:
        split: What is measured.
        train: What it is fitted on.
        classes: Their names.
        metrics: What the network reached.
    """
    rows = spread(len(train), ROWS)
    _, y = read_batch(train, rows)
    rule = fit_tfidf([text_of(train, int(i)) for i in rows], y, len(classes))
    if rule is None:
        return {}, ["No word is counted beside: there is none, or one class."]
    tally = ClassTally(tuple(classes))
    for indices in parts(len(split), ROWS):
        _, truth = read_batch(split, indices)
        texts = [text_of(split, int(i)) for i in indices]
        tally.add(indices, truth, np.asarray(rule(texts)))
    scores = {
        name + ENDING: value
        for name, value in tally.metrics().items()
        if name.startswith(BESIDE)
    }
    remarks = [
        "Counted words (`..._tfidf`): a logistic regression on TF-IDF, "
        "fitted on the same training part."
    ]
    if len(rows) < len(train):
        remarks.append(
            f"It saw {len(rows):,} of the {len(train):,} training texts."
        )
    mine, its = metrics["macro_f1"], scores["macro_f1" + ENDING]
    if its > mine:
        remarks.append(
            f"Counted words are better here: macro F1 {its:.4f} against "
            f"{mine:.4f}."
        )
    return scores, remarks
