"""The sine's noise is what its description says."""

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.data.load import load
from kerasnotes.data.outline import known_outline
from kerasnotes.data.sets.noisy_sine import deviation, draw

pytestmark = pytest.mark.once


def test_noise_in_units_of_its_deviation_is_normal():
    x, y = draw(50_000, 3)
    assert x.dtype == y.dtype == np.float32
    assert np.abs(x).max() <= 1
    unit = (y - np.sin(3 * x[:, 0])) / deviation(x[:, 0])
    for part in np.array_split(unit[np.argsort(x[:, 0])], 4):
        assert abs(part.mean()) < 4 / np.sqrt(len(part))
        assert part.std() == pytest.approx(1, abs=0.03)
        held = np.mean(np.abs(part) < 1.959964)
        assert held == pytest.approx(0.95, abs=0.008)


def test_it_is_a_table_of_one_measured_value():
    config = DataConfig(source="noisy-sine:rows=200,seed=5")
    data = load(config)
    parts = data.train, data.validation, data.test
    assert sum(map(len, parts)) == 200
    assert data.spec.input.names == ("x",)
    assert data.spec.target.names == ("y",)
    spec, rows = known_outline(config)
    assert spec == data.spec
    assert len(rows) == len(data.train)
