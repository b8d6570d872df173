import numpy as np
import pytest
import sklearn.metrics

from kerasnotes.metrics.class_tally import MOST_MISTAKES, ClassTally

pytestmark = pytest.mark.once


@pytest.fixture
def answers(rng):
    p = rng.dirichlet(np.full(8, 0.5), 300).astype("float32")
    y = np.array([rng.choice(8, p=row / row.sum()) for row in p.astype(float)])
    return y, p


def tally_of(y, p, classes):
    tally = ClassTally(classes)
    for part in np.array_split(np.arange(len(y)), 9):
        tally.add(part, y[part], p[part])
    return tally


def test_metrics_are_scikit_learns(answers):
    y, p = answers
    metrics = tally_of(y, p, tuple("abcdefgh")).metrics()
    guess = p.argmax(1)
    f1 = sklearn.metrics.f1_score(y, guess, average=None)
    want = {
        "loss": sklearn.metrics.log_loss(y, p, labels=range(8)),
        "accuracy": sklearn.metrics.accuracy_score(y, guess),
        "top_5_accuracy": sklearn.metrics.top_k_accuracy_score(y, p, k=5),
        "macro_f1": sklearn.metrics.f1_score(y, guess, average="macro"),
        "f1_c": f1[2],
    }
    for name, value in want.items():
        assert metrics[name] == pytest.approx(value, rel=1e-5), name
    assert 0 < metrics["ece"] < 1


def test_binary_has_no_top_5(rng):
    p = rng.dirichlet([1, 1], 50)
    y = rng.integers(0, 2, 50)
    metrics = tally_of(y, p, ("no", "yes")).metrics()
    assert list(metrics) == [
        "loss",
        "accuracy",
        "macro_f1",
        "ece",
        "f1_no",
        "f1_yes",
    ]


def test_keeps_the_most_confident_mistakes(answers):
    y, p = answers
    mistakes = tally_of(y, p, tuple("abcdefgh")).mistakes
    wrong = np.flatnonzero(p.argmax(1) != y)
    order = wrong[np.argsort(-p[wrong].max(1))][:MOST_MISTAKES]
    assert [m.index for m in mistakes] == order.tolist()
    assert mistakes[0].truth == y[order[0]]
    assert mistakes[0].answer == p[order[0]].argmax()
