import numpy as np

from kerasnotes.layers.standardization import standardization
from tests.checks import to_numpy


def test_is_the_z_score_and_keeps_constant_features_finite():
    x = np.array([[1.0, 10.0, 7.0], [3.0, 30.0, 7.0], [5.0, 20.0, 9.0]])
    train = x[:2]
    layer = standardization(train.mean(0), train.var(0), "standardize")
    expected = np.stack(
        [(x[:, 0] - 2) / 1, (x[:, 1] - 20) / 10, x[:, 2] - 7], axis=1
    )
    np.testing.assert_allclose(
        to_numpy(layer(x.astype("float32"))), expected, atol=1e-6
    )
