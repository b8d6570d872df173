"""Counting modes, on samples whose answer is known."""

import numpy as np
import pytest

from kerasnotes.data.sets.ring import ring_centres, ring_points
from kerasnotes.metrics import modes

pytestmark = pytest.mark.once
POINTS = ring_points()


def test_real_points_cover_every_mode():
    metrics = modes.measure(POINTS[0], *POINTS)
    assert metrics["modes"] == metrics["modes_covered"] == 8
    # In two dimensions 1 - exp(-9 / 2) of a Gaussian lies within 3 sigma.
    expected = 1 - np.exp(-4.5)
    assert metrics["within_3_sigma"] == pytest.approx(expected, abs=0.005)
    assert metrics["smallest_mode"] == pytest.approx(expected / 8, abs=0.002)


def test_a_mode_that_is_missing_is_missed():
    x, y = POINTS
    metrics = modes.measure(x[(y != 3) & (y != 5)], x, y)
    assert metrics["modes_covered"] == 6
    assert metrics["smallest_mode"] == 0


def test_a_few_stray_samples_cover_no_mode():
    x, y = POINTS
    few = np.concatenate([x[y != 3], x[y == 3][:100]])
    assert modes.measure(few, x, y)["modes_covered"] == 7
    enough = np.concatenate([x[y != 3], x[y == 3][:300]])
    assert modes.measure(enough, x, y)["modes_covered"] == 8


def test_points_between_modes_are_outside_all():
    centres = ring_centres()
    between = (centres + np.roll(centres, 1, axis=0)) / 2
    samples = np.concatenate([centres, centres, centres, between])
    metrics = modes.measure(samples, *POINTS)
    assert metrics["within_3_sigma"] == 0.75
    assert metrics["largest_mode"] == pytest.approx(3 / 32)


def test_three_sigma_is_measured_from_the_mean():
    x, y = POINTS
    centre, sigma = x[y == 0].mean(axis=0), 0.02
    for distance, inside in ((2.8, 1.0), (3.2, 0.0)):
        sample = centre + np.array([[0.0, distance * sigma]])
        assert modes.measure(sample, x, y)["within_3_sigma"] == inside


def test_modes_of_different_sizes_and_no_samples():
    x = np.array([[0.0], [0.2], [10.0], [10.4], [10.0], [10.4]])
    y = np.array([4, 4, 9, 9, 9, 9])
    metrics = modes.measure(np.array([[0.1], [10.2], [10.2]]), x, y)
    assert (metrics["modes"], metrics["modes_covered"]) == (2, 2)
    nothing = modes.measure(np.empty((0, 1)), x, y)
    assert nothing["modes_covered"] == 0


def test_low_dimensional():
    assert modes.is_low_dimensional(np.zeros((4, 2)))
    assert not modes.is_low_dimensional(np.zeros((4, 64)))
    assert not modes.is_low_dimensional(np.zeros((4, 2, 2, 1)))
