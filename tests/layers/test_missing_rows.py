import numpy as np

from kerasnotes.layers.missing_rows import Blank, LastPresent, Present
from tests.checks import check_layer, to_numpy

X = np.array(
    [[[1, 2], [3, 4], [5, 6]], [[7, 0], [np.nan] * 2, [np.nan] * 2]], "float32"
)
THERE = np.array([[1, 1, 1], [1, 0, 0]], "bool")


def test_rows_of_nan_are_not_there(tmp_path):
    np.testing.assert_array_equal(to_numpy(Present()(X)), THERE)
    blank = to_numpy(Blank()(X))
    np.testing.assert_array_equal(blank, np.nan_to_num(X))
    last = to_numpy(LastPresent()(blank, THERE))
    np.testing.assert_array_equal(last, [[5, 6], [7, 0]])


def test_the_last_step_is_saved(tmp_path):
    check_layer(LastPresent(), [np.nan_to_num(X), THERE], (2, 2), tmp_path)
