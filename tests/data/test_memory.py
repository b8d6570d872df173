"""Parts of an array that is held in memory."""

import numpy as np
import pytest

from kerasnotes.data.memory_split import MemorySplit, PickedSplit
from kerasnotes.data.reading import read_batch

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3)).astype("float32")
Y = RNG.integers(0, 4, 20)
ROWS = np.array([1, 4, 5, 11, 19])


@pytest.mark.parametrize("gathered", [False, True])
def test_picked_rows_are_those_of_a_copy(gathered):
    copy, picked = MemorySplit(X[ROWS], Y[ROWS], ROWS), PickedSplit(X, Y, ROWS)
    if gathered:
        np.testing.assert_array_equal(picked.x, copy.x)
    assert len(picked) == len(copy)
    some = np.array([3, 0, 3])
    for one, other in zip(
        read_batch(picked, some), read_batch(copy, some), strict=True
    ):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
    for index in range(len(ROWS)):
        for one, other in zip(picked[index], copy[index], strict=True):
            np.testing.assert_array_equal(one, other)
        assert picked.name(index) == copy.name(index)
    with pytest.raises(IndexError):
        picked[len(ROWS)]
    taken = picked.take(np.array([4, 2]))
    np.testing.assert_array_equal(taken.x, X[[19, 5]])
    assert taken.name(0) == "#19"


def test_what_is_gathered_is_the_parts_own():
    whole = X.copy()
    picked = PickedSplit(whole, Y, ROWS)
    picked.x[:] = 0
    np.testing.assert_array_equal(whole, X)
    assert not read_batch(picked, np.arange(5))[0].any()
