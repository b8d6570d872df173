import keras
import numpy as np
import pytest
import sklearn.metrics
from keras import ops

from kerasnotes.losses.classification import CrossEntropy, cross_entropy


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
