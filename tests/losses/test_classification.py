import keras
import numpy as np
import pytest
import sklearn.metrics
from keras import ops

from kerasnotes.losses.classification import CrossEntropy, cross_entropy
from kerasnotes.metrics.mixed_accuracy import MixedAccuracy
from tests.checks import to_numpy


def probabilities(rng, count=20, classes=5):
    p = rng.uniform(0.01, 1, (count, classes))
    return (p / p.sum(1, keepdims=True)).astype("float32")


def test_is_scikit_learns_log_loss():
    rng = np.random.default_rng(0)
    p, y = probabilities(rng), rng.integers(0, 5, 20)
    want = sklearn.metrics.log_loss(y, p, labels=range(5))
    assert float(CrossEntropy()(y, p)) == pytest.approx(want, rel=1e-5)
    each = ops.convert_to_numpy(cross_entropy(y, p))
    np.testing.assert_allclose(each, -np.log(p[np.arange(20), y]), rtol=1e-5)


def test_weights_count_examples():
    rng = np.random.default_rng(1)
    p, y = probabilities(rng), rng.integers(0, 5, 20)
    w = rng.uniform(0, 2, 20).astype("float32")
    want = (-w * np.log(p[np.arange(20), y])).mean()
    assert float(CrossEntropy()(y, p, w)) == pytest.approx(want, rel=1e-5)


def test_is_not_clipped():
    p = np.array([[1e-20, 1.0]], "float32")
    y = np.array([0], "int32")
    assert float(CrossEntropy()(y, p)) == pytest.approx(46.05, abs=0.01)


def test_survives_saving():
    config = keras.saving.serialize_keras_object(CrossEntropy())
    again = keras.saving.deserialize_keras_object(config)
    assert isinstance(again, CrossEntropy)


def test_smoothed_labels_are_keras_own():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(4), 30).astype("float32")
    y = rng.integers(0, 4, 30)
    own = keras.losses.CategoricalCrossentropy(label_smoothing=0.2)
    expected = float(to_numpy(own(np.eye(4, dtype="float32")[y], p)))
    loss = CrossEntropy(label_smoothing=0.2)
    assert float(to_numpy(loss(y, p))) == pytest.approx(expected, rel=1e-5)
    twin = keras.losses.deserialize(keras.losses.serialize(loss))
    assert float(to_numpy(twin(y, p))) == pytest.approx(expected, rel=1e-5)


def test_mixed_labels():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(4), 30).astype("float32")
    shares = rng.dirichlet(np.ones(4), 30).astype("float32")
    expected = -(shares * np.log(p)).sum(axis=1).mean()
    found = float(to_numpy(CrossEntropy()(shares, p)))
    assert found == pytest.approx(expected, rel=1e-5)
    hard = rng.integers(0, 4, 30)
    same = float(to_numpy(CrossEntropy()(np.eye(4, dtype="float32")[hard], p)))
    plain = float(to_numpy(CrossEntropy()(hard, p)))
    assert same == pytest.approx(plain, rel=1e-5)


def test_accuracy_of_mixtures_counts_the_greatest_part():
    p = np.array([[0.7, 0.3], [0.2, 0.8], [0.9, 0.1]], "float32")
    metric = MixedAccuracy()
    metric.update_state(np.array([0, 1, 1]), p)
    assert float(metric.result()) == pytest.approx(2 / 3)
    metric.reset_state()
    shares = np.array([[0.6, 0.4], [0.6, 0.4], [1, 0]], "float32")
    metric.update_state(shares, p)
    assert float(metric.result()) == pytest.approx(2 / 3)
