import numpy as np
import pytest

from kerasnotes.data.meaning.finite import infinite

pytestmark = pytest.mark.once
LARGEST = np.finfo("float32").max


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([[1, 2], [3, 4]], [False, False]),
        ([[1, np.nan], [3, 4]], [True, False]),
        # Their sum is no number, or would be none.
        ([[np.inf, 0], [-np.inf, 1], [0, 0]], [True, True, False]),
        ([[LARGEST, LARGEST], [LARGEST, 0]], [False, False]),
        ([[LARGEST, LARGEST], [0, -np.inf]], [False, True]),
    ],
)
def test_rows_that_hold_more_than_numbers_are_found(rows, found):
    assert infinite(np.array(rows, "float32")).tolist() == found


def test_whole_numbers_are_numbers():
    assert not infinite(np.full((3, 2), 255, "uint8")).any()
