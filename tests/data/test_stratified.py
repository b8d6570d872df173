import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerasnotes.data.stratified import draw, draw_alike, tally

pytestmark = pytest.mark.once
RNG = np.random.default_rng(0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(2, 40), min_size=2, max_size=12),
    st.floats(0.02, 0.9),
    st.integers(0, 2**32 - 1),
)
def test_equals_scikit_learn(sizes, fraction, seed):
    from sklearn.model_selection import train_test_split

    labels = np.repeat(np.arange(len(sizes)) * 3, sizes)
    labels = np.random.default_rng(seed).permutation(labels)
    rows, kinds = np.arange(len(labels)), len(sizes)
    count = max(kinds, min(round(fraction * len(rows)), len(rows) - kinds))
    _, drawn = train_test_split(
        rows, test_size=count, random_state=seed, stratify=labels
    )
    found = np.flatnonzero(draw_alike(labels, count, seed))
    np.testing.assert_array_equal(found, np.sort(drawn))
    _, drawn = train_test_split(rows, test_size=count, random_state=seed)
    found = np.flatnonzero(draw(len(rows), count, seed))
    np.testing.assert_array_equal(found, np.sort(drawn))


@pytest.mark.parametrize(
    "labels",
    [
        RNG.integers(0, 5, 100),
        RNG.integers(0, 9, 50).astype("int32") * 7,
        RNG.integers(-3, 3, 100),
        RNG.integers(0, 3, 40) + 2**15,
        np.array(["b", "a", "b"]),
        np.array([], "int32"),
        np.array([3], "uint8"),
    ],
)
def test_a_tally_is_that_of_numpy(labels):
    _, places, sizes = np.unique(
        labels, return_inverse=True, return_counts=True
    )
    found = tally(labels)
    np.testing.assert_array_equal(found[0], places)
    np.testing.assert_array_equal(found[1], sizes)
