import numpy as np
import pytest
import sklearn.metrics

from kerasnotes.metrics import confusion as cm

pytestmark = pytest.mark.once


@pytest.fixture
def labels(rng):
    return rng.integers(0, 4, 200), rng.integers(0, 4, 200)


def test_matrix_is_scikit_learns(labels):
    truth, answer = labels
    want = sklearn.metrics.confusion_matrix(truth, answer, labels=range(5))
    np.testing.assert_array_equal(cm.confusion_matrix(*labels, 5), want)


def test_scores_are_scikit_learns(labels):
    truth, answer = labels
    matrix = cm.confusion_matrix(truth, answer, 4)
    assert cm.accuracy(matrix) == sklearn.metrics.accuracy_score(truth, answer)
    np.testing.assert_allclose(
        cm.dice(matrix), sklearn.metrics.f1_score(truth, answer, average=None)
    )
    np.testing.assert_allclose(
        cm.iou(matrix),
        sklearn.metrics.jaccard_score(truth, answer, average=None),
    )


def test_constant_accuracy_is_that_of_the_commonest_class():
    matrix = cm.confusion_matrix([0, 0, 0, 1], [1, 1, 1, 1], 2)
    assert cm.constant_accuracy(matrix) == 0.75


def test_a_class_in_neither_has_no_score():
    matrix = cm.confusion_matrix([0, 1], [0, 0], 3)
    assert np.isnan(cm.iou(matrix)[2])
    assert np.isnan(cm.dice(matrix)[2])
    assert cm.mean_of_present(cm.iou(matrix)) == pytest.approx(0.25)
    assert cm.by_class("iou", cm.iou(matrix), ("a b", "c", "d")) == {
        "iou_a_b": 0.5,
        "iou_c": 0.0,
    }


def test_nothing_scores_zero():
    nothing = np.zeros((2, 2), "int64")
    assert cm.accuracy(nothing) == 0
    assert cm.constant_accuracy(nothing) == 0
    assert cm.mean_of_present(cm.iou(nothing)) == 0


def test_labels_out_of_range_are_refused():
    with pytest.raises(ValueError, match="Received: 0 to 3"):
        cm.confusion_matrix([0, 3], [0, 1], 3)


def test_names_that_meet_stay_apart():
    assert cm.slugs(("a b", "a_b")) == ["0_a_b", "1_a_b"]
