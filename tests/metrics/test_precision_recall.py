"""Precision and recall against brute force and by hand."""

import numpy as np
import pytest

from kerasnotes.metrics.precision_recall import precision_recall

pytestmark = pytest.mark.once


def brute_force(points, centres, k):
    """Algorithm 1 of the paper, loop by loop."""
    radii = [np.sort(np.linalg.norm(centres - c, axis=1))[k] for c in centres]
    inside = [
        any(
            np.linalg.norm(p - c) <= r
            for c, r in zip(centres, radii, strict=True)
        )
        for p in points
    ]
    return np.mean(inside)


@pytest.mark.parametrize("k", [1, 3])
def test_it_is_the_algorithm_of_the_paper(rng, k):
    real = rng.standard_normal((50, 4))
    samples = 1.4 * rng.standard_normal((45, 4)) + 0.3
    expected = (brute_force(samples, real, k), brute_force(real, samples, k))
    assert precision_recall(samples, real, k) == expected
    assert 0 < expected[0] < 1


def test_a_collapsed_generator_is_precise_and_forgets(rng):
    real = rng.uniform(-1, 1, (200, 2))
    samples = 0.01 * rng.standard_normal((200, 2))
    precision, recall = precision_recall(samples, real)
    assert precision == 1.0
    assert recall < 0.05


def test_on_a_line_by_hand():
    real = np.array([[0.0], [1.0], [2.0], [10.0]])
    # Radii for k = 1: 1, 1, 1, 8. The balls cover [-1, 3] and [2, 18].
    samples = np.array([[-1.5], [2.5], [18.0], [19.0]])
    # Radii for k = 1: 4, 4, 1, 1: [-5.5, 6.5], [17, 20].
    assert precision_recall(samples, real, 1) == (0.5, 0.75)


def test_too_few_points_are_refused():
    with pytest.raises(ValueError, match="`real` must be"):
        precision_recall(np.zeros((9, 2)), np.zeros((3, 2)))
