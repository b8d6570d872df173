"""Trusses against statics: forces that balance, a closed form, energy."""

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data.load import load
from kerasnotes.data.outline import known_outline
from kerasnotes.data.sets.truss import Truss
from kerasnotes.data.sets.truss_loads import (
    LOADED,
    MEASURED,
    TEN_BARS,
    TrussOptions,
    draw,
)

pytestmark = pytest.mark.once


def test_two_bars_carry_a_weight_as_statics_says():
    """Each pulls with P / (2 sin a), whatever its own rigidity."""
    nodes = np.array([(-3.0, 4.0), (3.0, 4.0), (0.0, 0.0)])
    truss = Truss(nodes, np.array([(0, 2), (1, 2)]), held=(0, 1))
    rigidity = np.array([[2e6, 5e6], [1e7, 3e6]])
    forces = np.zeros((2, 6))
    forces[:, 5] = -1_000
    pull = 1_000 / (2 * 4 / 5)
    np.testing.assert_allclose(truss.lengths, [5, 5])
    np.testing.assert_allclose(
        truss.strains(rigidity, forces), pull / rigidity, rtol=1e-12
    )


def test_ten_bars_are_in_balance_and_do_the_work_of_the_loads():
    rng = np.random.default_rng(0)
    rigidity = rng.uniform(3e7, 4e7, (5, 10))
    forces = np.zeros((5, 12))
    forces[:, [2, 3, 7]] = rng.normal(0, 1e4, (5, 3))
    strains = TEN_BARS.strains(rigidity, forces)
    for node in range(4):
        pulls = np.zeros((5, 2))
        for bar, (a, b) in enumerate(TEN_BARS.bars):
            if node in (a, b):
                other = TEN_BARS.nodes[b if node == a else a]
                along = other - TEN_BARS.nodes[node]
                along = along / np.linalg.norm(along)
                pulls += (strains * rigidity)[:, bar, None] * along
        ours = forces[:, 2 * node : 2 * node + 2]
        np.testing.assert_allclose(pulls, -ours, rtol=0, atol=1e-6)
    # Two of ten bars are more than statics needs: strains must also fit.
    free = TEN_BARS.free
    assert len(TEN_BARS.bars) - len(free) == 2
    directions = TEN_BARS.directions()[:, free]
    lengthened = (strains * TEN_BARS.lengths).T
    moved, *_ = np.linalg.lstsq(directions, lengthened, rcond=None)
    np.testing.assert_allclose(directions @ moved, lengthened, atol=1e-9)


def test_without_spread_and_noise_loads_are_linear_in_strains():
    strains, loads = draw(TrussOptions(cases=50, spread=0.0, noise=0.0))
    assert strains.shape == (50, len(MEASURED))
    assert loads.shape == (50, len(LOADED))
    found, *_ = np.linalg.lstsq(strains, loads, rcond=None)
    np.testing.assert_allclose(strains @ found, loads, rtol=1e-4)
    noisy, same = draw(TrussOptions(cases=50, spread=0.0, noise=0.01))
    np.testing.assert_array_equal(same, loads)
    size = np.sqrt(np.square(strains).mean(axis=0))
    off = (noisy - strains) / size
    assert off.std() == pytest.approx(0.01, rel=0.2)


def test_it_is_a_table_of_two_measured_values():
    config = DataConfig(source="truss-loads:cases=100,spread=0.1")
    data = load(config)
    assert data.spec.target.names == ("load1", "load3")
    assert {c.units for c in data.spec.target.columns} == {"kN"}
    spec, rows = known_outline(config)
    assert spec == data.spec
    assert len(rows) == len(data.train)
    with pytest.raises(UsageError, match="are given, and measured"):
        load(DataConfig(source="truss-loads", labels="classes"))
