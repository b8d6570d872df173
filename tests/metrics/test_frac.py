"""FRAC against NumPy's own inner products."""

import numpy as np
import pytest

from kerasnotes.metrics.frac import frac

pytestmark = pytest.mark.once


def test_frac_is_its_definition_and_ignores_scale():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(3, 7, 2)) + 1j * rng.normal(size=(3, 7, 2))
    b = rng.normal(size=(3, 7, 2)) + 1j * rng.normal(size=(3, 7, 2))
    found = frac(a, b)
    for i in range(3):
        for j in range(2):
            one, other = a[i, :, j], b[i, :, j]
            expected = abs(np.vdot(one, other)) ** 2 / (
                np.vdot(one, one) * np.vdot(other, other)
            )
            assert found[i, j] == pytest.approx(expected.real, rel=1e-12)
    np.testing.assert_allclose(frac(a, (2 - 3j) * a), 1)
    assert np.isnan(frac(a * 0, b)).all()
