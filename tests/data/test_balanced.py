"""Rare classes: weights as scikit-learn's, epochs that draw all alike."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_class_weight

from kerasnotes.data.balanced import Balanced, class_counts, class_weights
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.data.memory_split import MemorySplit
from kerasnotes.data.reading import read_batch

pytestmark = pytest.mark.once
Y = np.repeat([0, 1, 2], [900, 90, 10])
X = np.arange(1000, dtype="float32")[:, None]


def test_weights_are_scikit_learns():
    counts = class_counts(MemorySplit(X, Y), 3)
    np.testing.assert_array_equal(counts, [900, 90, 10])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=Y)
    np.testing.assert_allclose(class_weights(counts), expected, rtol=1e-6)
    assert class_weights(counts)[Y].mean() == pytest.approx(1)


def test_classes_that_do_not_occur_have_no_weight():
    found = class_weights(np.array([30, 0, 10]))
    np.testing.assert_allclose(found, [40 / 60, 0, 2])


@pytest.mark.parametrize("make", [ArraySplit, MemorySplit])
def test_epochs_draw_all_classes_alike(make):
    split = Balanced(make(X, Y), 3)
    order = split.order(np.random.default_rng(0))
    assert len(order) == len(split) == 1000
    shares = np.bincount(Y[order], minlength=3) / 1000
    np.testing.assert_allclose(shares, 1 / 3, atol=0.05)
    x, y = read_batch(split, order[:5])
    np.testing.assert_array_equal(y, Y[order[:5]])
    np.testing.assert_array_equal(x, X[order[:5]])
    again = split.order(np.random.default_rng(0))
    np.testing.assert_array_equal(order, again)
