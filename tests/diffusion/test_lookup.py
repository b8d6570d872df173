import numpy as np

from kerasnotes.diffusion.lookup import lookup
from tests.checks import to_numpy

TABLE = np.array([1.0, 2.0, 4.0])


def test_integers_read_entries():
    like = np.zeros((3, 2, 2), "float32")
    got = to_numpy(lookup(TABLE, np.array([2, 0, 1]), like))
    assert got.shape == (3, 1, 1)
    assert got.ravel().tolist() == [4, 1, 2]
    assert got.dtype == np.float32


def test_between_entries_is_linear_and_ends_hold():
    like = np.zeros((5, 2), "float32")
    t = np.array([0.0, 0.5, 1.25, 2.0, 7.0], "float32")
    got = to_numpy(lookup(TABLE, t, like)).ravel()
    np.testing.assert_allclose(got, [1, 1.5, 2.5, 4, 4], rtol=1e-6)
