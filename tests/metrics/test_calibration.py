import numpy as np
import pytest

from kerasnotes.metrics.calibration import Calibration

pytestmark = pytest.mark.once


def written_out(confidence, right, bins):
    """Guo et al., eq. (3), bin by bin."""
    total = 0.0
    for m in range(1, bins + 1):
        low, high = (m - 1) / bins, m / bins
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            gap = abs(right[inside].mean() - confidence[inside].mean())
            total += inside.sum() / len(confidence) * gap
    return total


@pytest.mark.parametrize("bins", [15, 1, 4])
def test_ece_is_the_formula(rng, bins):
    confidence = rng.uniform(0, 1, 500)
    right = rng.uniform(0, 1, 500) < confidence**2
    calibration = Calibration(bins)
    for part in np.array_split(np.arange(500), 7):
        calibration.add(confidence[part], right[part])
    want = written_out(confidence, right, bins)
    assert calibration.ece == pytest.approx(want)
    assert want > 0.1


def test_edges_belong_to_the_bin_below():
    calibration = Calibration(4)
    calibration.add(np.array([0.25, 0.5, 1.0, 0.0]), np.array([1, 0, 1, 0]))
    np.testing.assert_array_equal(calibration.count, [2, 1, 0, 1])
    assert np.isnan(calibration.accuracy_by_bin[2])


def test_nothing_has_no_error():
    assert Calibration().ece == 0
