"""The ring is what its description says."""

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.data.load import load
from kerasnotes.data.sets.ring import (
    DEVIATION,
    MODES,
    RADIUS,
    ring_centres,
    ring_points,
)

pytestmark = pytest.mark.once


def test_centres_lie_on_a_circle_evenly():
    centres = ring_centres()
    assert centres.shape == (8, 2)
    np.testing.assert_allclose(np.hypot(*centres.T), RADIUS)
    steps = np.linalg.norm(centres - np.roll(centres, 1, axis=0), axis=1)
    np.testing.assert_allclose(steps, 2 * RADIUS * np.sin(np.pi / MODES))
    assert steps[0] / DEVIATION > 70


def test_points_have_the_mean_and_deviation_of_their_mode():
    points, modes = ring_points()
    assert (points.dtype, points.shape) == (np.float32, (8000, 2))
    for mode, centre in enumerate(ring_centres()):
        cloud = points[modes == mode]
        assert len(cloud) == 1000
        error = DEVIATION / np.sqrt(1000)
        assert np.abs(cloud.mean(axis=0) - centre).max() < 4 * error
        assert cloud.std(axis=0) == pytest.approx(DEVIATION, rel=0.1)


def test_it_is_a_table_with_a_class_a_mode_and_always_the_same():
    data = load(DataConfig(source="ring"))
    assert data.spec.input.kind == "table"
    assert data.spec.input.names == ("x", "y")
    assert data.spec.target.num_classes == MODES
    assert data.fingerprint == load(DataConfig(source="ring")).fingerprint
    counts = np.bincount(data.train.y)
    assert counts.max() - counts.min() <= 1
