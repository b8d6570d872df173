"""How near texts are to those that they should be: exact match, BLEU, chrF."""

from collections.abc import Sequence

import numpy as np

from kerasnotes.base.types import Array
from kerasnotes.data.text.scripts import is_unparted

LOOKED_AT = 1_000
"""Texts by which it is decided what a word is."""


def translation_scores(
    truths: Sequence[str], answers: Sequence[str]
) -> dict[str, float]:
    """Returns `exact_match`, 0 to 1, and `bleu` and `chrf`, 0 to 100.

    Args:
        truths: What is right, one text for each.
        answers: What was said.

    Reference:
        Papineni et al., 2002 (BLEU). https://doi.org/10.3115/1073083.1073135
        Popovic, 2015 (chrF). https://doi.org/10.18653/v1/W15-3049
        Post, 2018 (sacreBLEU). https://doi.org/10.18653/v1/W18-6319
    """
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    right = [t == a for t, a in zip(truths, answers, strict=True)]
    # Of texts in words, marks stand apart: it would warn of that.
    bleu = BLEU(tokenize=words_of(truths), force=True)
    return {
        "exact_match": float(np.mean(right)),
        "bleu": float(bleu.corpus_score(answers, [truths]).score),
        "chrf": float(CHRF().corpus_score(answers, [truths]).score),
    }


def words_of(truths: Sequence[str]) -> str:
    """Returns sacreBLEU's name for how words are found: `13a`, or `zh`."""
    return "zh" if is_unparted("".join(truths[:LOOKED_AT])) else "13a"


def signature(truths: Sequence[str]) -> str:
    """Returns what else must be known to compare a BLEU."""
    import sacrebleu

    return (
        f"nrefs:1|case:mixed|eff:no|tok:{words_of(truths)}|smooth:exp|"
        f"version:{sacrebleu.__version__}"
    )


def nearest(sources: Sequence[str], asked: Sequence[str]) -> Array:
    """Returns for each text the one that is most alike, `(N,)`.

    Texts are alike by the cosine of their counts of one to three characters,
    rare ones weighed more (TF-IDF).

    Args:
        sources: Those that it may be.
        asked: `N` texts.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    counts = TfidfVectorizer(analyzer="char", ngram_range=(1, 3))
    known = counts.fit_transform(sources).T.tocsr()
    found = []
    for start in range(0, len(asked), LOOKED_AT):
        some = counts.transform(asked[start : start + LOOKED_AT]) @ known
        found.append(np.asarray(some.argmax(axis=1)).reshape(-1))
    return np.concatenate(found)
