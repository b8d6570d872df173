"""Chains of springs: closed forms, another solver, options, splits."""

import numpy as np
import pytest

from kerasnotes.base.config import DataConfig
from kerasnotes.base.errors import UsageError
from kerasnotes.data.dataset import Responds
from kerasnotes.data.load import find_name, load
from kerasnotes.data.sets import frf_chain
from kerasnotes.data.sets.frf_chain import ChainOptions, options, simulate
from kerasnotes.data.sets.spring_chain import SpringChain

pytestmark = pytest.mark.once


def test_a_uniform_chain_has_its_known_frequencies():
    chain = SpringChain(7, 2, mass=3.0, excited=(6,))
    squares, _ = chain.modes(np.full((1, 2), 500.0))
    angles = (2 * np.arange(7) + 1) * np.pi / (2 * (2 * 7 + 1))
    expected = 2 * np.sqrt(500 / 3) * np.sin(angles)
    np.testing.assert_allclose(np.sqrt(squares[0]), expected, rtol=1e-12)


def test_one_mass_is_the_textbooks_resonator():
    chain = SpringChain(1, 1, mass=2.0, excited=(0,))
    w = 2 * np.pi * np.array([1.0, 5.0, 20.0])
    found = chain.accelerance(
        np.array([[800.0]]), np.array([0.03]), w / 2 / np.pi
    )
    natural = np.sqrt(800 / 2)
    damper = 2 * 0.03 * natural * 2.0
    expected = -(w**2) / (800 - 2.0 * w**2 + 1j * w * damper)
    np.testing.assert_allclose(found[0, :, 0, 0], expected, rtol=1e-12)


def test_responses_solve_the_equations_of_motion():
    chain = SpringChain(5, 3, mass=1.5, excited=(4, 1))
    stiffness = np.array([[300.0, 700.0, 450.0], [900.0, 200.0, 500.0]])
    damping, hertz = np.array([0.02, 0.04]), np.array([0.7, 2.0, 3.1])
    found = chain.accelerance(stiffness, damping, hertz)
    assert found.shape == (2, 3, 5, 2)
    # Springs of groups 2, 2, 1, put together one by one.
    for case, (a, b, c) in enumerate(stiffness):
        matrix = np.zeros((6, 6))
        for spring, k in enumerate((a, a, b, b, c)):
            ends = np.ix_([spring, spring + 1], [spring, spring + 1])
            matrix[ends] += k * np.array([[1, -1], [-1, 1]])
        matrix = matrix[1:, 1:]
        squares, vectors = np.linalg.eigh(matrix / 1.5)
        dampers = (
            1.5
            * vectors
            @ np.diag(2 * damping[case] * np.sqrt(squares))
            @ vectors.T
        )
        for line, w in enumerate(2 * np.pi * hertz):
            dynamic = matrix - w**2 * 1.5 * np.eye(5) + 1j * w * dampers
            motion = -(w**2) * np.linalg.inv(dynamic)
            np.testing.assert_allclose(
                found[case, line], motion[:, [4, 1]], rtol=1e-9
            )


def test_the_set_is_what_its_options_tell():
    told = "frf_chain:cases=20,masses=4,groups=2,frequencies=9,noise=0"
    data = load(DataConfig(source=told))
    assert [len(data.split(p)) for p in ("train", "validation", "test")] == [
        20,
        8,
        8,
    ]
    x, y = data.arrays("train")
    assert x.shape == (20, 9, 4, 2)
    assert y.shape == (20, 3)
    assert y[:, :2].min() > 4
    assert y[:, :2].max() < 12
    assert y[:, 2].min() > 1
    assert y[:, 2].max() < 5
    assert data.spec.target.columns[2].title == "damping (%)"
    assert isinstance(data.test, Responds)
    exact = np.log10(np.abs(data.train.respond(y)))
    np.testing.assert_allclose(x, exact, atol=1e-4)
    # What is no chain has some response all the same.
    assert np.isfinite(data.test.respond(-y)).all()


def test_noise_is_as_large_as_told_and_parts_differ():
    told = ChainOptions(cases=50, noise=0.3)
    x, y = simulate(told, 50, 0)
    clean, same = simulate(ChainOptions(cases=50, noise=0), 50, 0)
    np.testing.assert_array_equal(y, same)
    assert (x - clean).std() == pytest.approx(0.3, rel=0.02)
    _, other = simulate(told, 50, 1)
    assert not np.isin(other, y).any()


def test_chunks_change_nothing(monkeypatch):
    told = ChainOptions(cases=30)
    whole, _ = simulate(told, 30, 0)
    monkeypatch.setattr(frf_chain, "CHUNK", 1)
    parted, _ = simulate(told, 30, 0)
    np.testing.assert_allclose(whole, parted, atol=1e-5)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("digits:noise=1", "no options"),
        ("frf-chain:nose=1", "Unknown setting"),
        ("frf-chain:noise=-1", "cannot be -1"),
        ("frf-chain:noise=", "cannot be"),
        ("frf-chain:noise", "cannot be read"),
        ("frf-chain:noise=1,noise=2", "cannot be read"),
        ("frf-chain:masses=2", "There is no"),
        ("frf-chain:lowest=50", "There is no"),
        ("frf-chain:cases=1000000,frequencies=4000", "There is no"),
    ],
)
def test_wrong_options_are_refused(source, message):
    with pytest.raises(UsageError, match=message):
        load(DataConfig(source=source))


def test_it_is_a_regression_and_known_by_name():
    assert find_name("frf_chain:noise=0.5") == "frf-chain"
    assert options("frf-chain") == ChainOptions()
    with pytest.raises(UsageError, match="a regression"):
        load(DataConfig(source="frf-chain", labels="classes"))


def test_fingerprints_tell_options_apart():
    prints = {
        load(DataConfig(source=f"frf-chain:cases=8{more}")).fingerprint
        for more in ("", ",noise=0.1", ",seed=3", ",masses=5")
    }
    assert len(prints) == 4
