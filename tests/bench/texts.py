"""Counted words on the folds that `kn fit NOTE --folds K` holds out.

    python -m tests.bench.texts SOURCE [FOLDS]

For each fold the rule of `metrics/tfidf.py` is fitted on the others; what it
answers out of fold is measured as members of an ensemble are. The test part
(`data.test`) is left aside, as it is there.
"""

import sys

import numpy as np

from kerasnotes.base.config import DataConfig
from kerasnotes.data.load import load
from kerasnotes.data.reading import parts, read_batch
from kerasnotes.metrics.class_tally import ClassTally
from kerasnotes.metrics.tfidf import fit_tfidf
from kerasnotes.tasks.text_report import text_of


def texts_of(split):
    """Returns texts and class numbers of a part."""
    [rows] = parts(len(split), len(split))
    return [text_of(split, int(row)) for row in rows], read_batch(split, rows)[
        1
    ]


def main(source, folds):
    whole = None
    for fold in range(1, folds + 1):
        data = load(DataConfig(source=source, folds=folds, fold=fold))
        classes = data.spec.target.classes
        whole = whole or ClassTally(classes)
        rule = fit_tfidf(*texts_of(data.train), len(classes))
        texts, truth = texts_of(data.validation)
        own = ClassTally(classes)
        answers = np.asarray(rule(texts))
        for tally in (own, whole):
            tally.add(np.arange(len(truth)), truth, answers)
        print(f"fold {fold}", _told(own))
    print("out of fold", _told(whole))


def _told(tally):
    return "  ".join(
        f"{name} {value:.4f}"
        for name, value in tally.metrics().items()
        if name.startswith(("accuracy", "f1_"))
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 5)
