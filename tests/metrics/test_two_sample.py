"""The nearest-neighbour test against brute force."""

import numpy as np
import pytest

from kerasnotes.metrics.two_sample import pick, two_sample_accuracy

pytestmark = pytest.mark.once


def brute_force(a, b):
    points = np.concatenate([a, b])
    owner = np.array([0] * len(a) + [1] * len(b))
    gaps = ((points[:, None] - points[None]) ** 2).sum(axis=-1)
    np.fill_diagonal(gaps, np.inf)
    return np.mean(owner[gaps.argmin(axis=1)] == owner)


@pytest.mark.parametrize("shift", [0.0, 0.5, 2.0])
def test_it_is_what_all_distances_say(rng, shift):
    a, b = rng.standard_normal((60, 5)), rng.standard_normal((60, 5)) + shift
    assert two_sample_accuracy(a, b) == brute_force(a, b)


def test_ends_of_the_scale(rng):
    a = rng.standard_normal((40, 3))
    assert two_sample_accuracy(a, a + 100) == 1.0
    # Each copy's nearest point is its original, which is in the other set.
    assert two_sample_accuracy(a, a + 1e-6) == 0.0
    # A collapsed generator repeats itself.
    same = np.repeat(a[:1] + 50, 40, axis=0)
    assert two_sample_accuracy(same, a) == 1.0


def test_the_larger_set_is_cut(rng):
    a, b = rng.standard_normal((500, 4)), rng.standard_normal((50, 4))
    accuracy = two_sample_accuracy(a, b)
    assert accuracy == brute_force(pick(a, 50, np.random.default_rng(0)), b)
    assert abs(accuracy - 0.5) < 0.2


def test_picking_keeps_the_order_and_repeats_nothing(rng):
    rows = pick(np.arange(100), 30, rng)
    assert len(set(rows.tolist())) == 30
    assert (np.diff(rows) > 0).all()
    assert pick(np.arange(3), 30, rng).tolist() == [0, 1, 2]


def test_other_columns_are_refused(rng):
    with pytest.raises(ValueError, match="equal D"):
        two_sample_accuracy(np.zeros((4, 2)), np.zeros((4, 3)))
