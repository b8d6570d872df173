import numpy as np
import pytest

from kerasnotes.notes.ddpm.time_embedding import TimeEmbedding
from tests.checks import check_layer, to_numpy


def test_against_numpy():
    t = np.array([0.0, 1.0, 37.25, 999.0], "float32")
    right = np.zeros((4, 6))
    for i in range(3):
        angle = t * 10_000 ** (-2 * i / 6)
        right[:, i], right[:, 3 + i] = np.cos(angle), np.sin(angle)
    # Sine and cosine of 999 radians in float32: the angle's own rounding.
    np.testing.assert_allclose(to_numpy(TimeEmbedding(6)(t)), right, atol=1e-4)


def test_checks(tmp_path):
    t = np.array([0.0, 5.0], "float32")
    check_layer(TimeEmbedding(8, period=100.0), [t], (2, 8), tmp_path)


def test_odd_sizes_are_refused():
    with pytest.raises(ValueError, match="units=7"):
        TimeEmbedding(7)
