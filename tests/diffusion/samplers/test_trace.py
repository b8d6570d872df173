"""What a sampler sums is what its table sums, in as few registers."""

from itertools import pairwise

import numpy as np
import pytest

from kerasnotes.diffusion.samplers import registers
from kerasnotes.diffusion.samplers.catalog import SAMPLERS
from kerasnotes.diffusion.samplers.dpm2 import dpm2
from kerasnotes.diffusion.samplers.euler import euler
from kerasnotes.diffusion.samplers.heun import heun
from kerasnotes.diffusion.samplers.lms import lms
from kerasnotes.diffusion.samplers.pndm import pndm
from kerasnotes.diffusion.samplers.table import make_table
from kerasnotes.diffusion.samplers.trace import Trace, noise_like
from kerasnotes.diffusion.samplers.unipc import unipc

from .oracles import bent

pytestmark = pytest.mark.once
LEVELS = [9.0, 4.0, 1.5, 0.7, 0.2, 0.0]


def run_table(table, x, noise=None):
    """Runs a table in NumPy; `noise` is one array a row."""
    held = np.zeros((table.registers, *x.shape))
    held[0] = x
    for row, sigma in enumerate(table.sigmas):
        fresh = np.zeros_like(x) if noise is None else noise[row]
        terms = [*held, bent(held[0], sigma), fresh]
        held = np.tensordot(table.weights[row], np.stack(terms), 1)
    return held[0]


def run_arrays(sampler, x, sigmas):
    """Runs a sampler on arrays: the same coroutine, and no table."""
    run = sampler(x, sigmas)
    try:
        question = next(run)
        while True:
            question = run.send(bent(*question))
    except StopIteration as stop:
        return stop.value


def hoarder(x, sigmas):
    """Keeps, forgets and asks again, as no good sampler would."""
    kept, first = [], 0.5 * x
    for sigma, target in pairwise(sigmas):
        denoised = yield x, sigma
        kept = [denoised, *kept][:3]
        again = yield kept[-1], (sigma + target) / 2
        x = 0.25 * x - (again - denoised) / 3 + 0.125 * first
        if len(kept) == 3:
            x = x + 0.5 * kept[1] + -0.1 * (kept[2] + 0.0 * first)
    return x + 0.25 * kept[0]


@pytest.mark.parametrize(
    "sampler",
    [euler, heun, lms, pndm, unipc, hoarder],
    ids=lambda each: each.__name__,
)
@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_a_table_does_what_the_coroutine_does(sampler, steps):
    x = np.random.default_rng(0).standard_normal((4, 3)) * LEVELS[-steps - 1]
    sigmas = LEVELS[-steps - 1 :]
    got = run_table(make_table(sampler, sigmas), x)
    np.testing.assert_allclose(got, run_arrays(sampler, x, sigmas), rtol=1e-9)


def test_noise_is_kept_and_used_later():
    def noisy(x, sigmas):
        z = None
        for sigma in sigmas[:-1]:
            denoised = yield x, sigma
            x = denoised + (x if z is None else 2 * z)
            z = noise_like(x)
        return x

    table = make_table(noisy, [3.0, 2.0, 1.0, 0.0])
    assert table.registers == 2
    # The last draw is read by nobody.
    assert table.noisy.tolist() == [True, True, False]
    x, noise = np.zeros(2), np.random.default_rng(0).standard_normal((3, 2))
    first = bent(x, 3.0) + x
    second = bent(first, 2.0) + 2 * noise[0]
    want = bent(second, 1.0) + 2 * noise[1]
    np.testing.assert_allclose(run_table(table, x, noise), want, rtol=1e-12)


def test_a_point_asked_twice_is_held_once():
    def twice(x, sigmas):
        first = yield x, sigmas[0]
        second = yield x, sigmas[0]
        return first + second + x

    table = make_table(twice, [2.0, 0.0])
    assert table.registers == 2
    got = run_table(table, np.ones(1))
    np.testing.assert_allclose(got, 1 + 2 * bent(1.0, 2.0))


# As many as the formulae need: the point, and what is read after the answer.
REGISTERS = {
    "ddpm": 1, "ddim": 1, "euler": 1, "euler_ancestral": 1, "pndm": 4,
    "heun": 3, "dpm2": 2, "dpm2_ancestral": 2, "lms": 4,
    "dpmpp_2s_ancestral": 2, "dpmpp_sde": 3, "dpmpp_2m": 2,
    "dpmpp_2m_sde": 2, "dpmpp_3m_sde": 3, "unipc": 4,
}  # fmt: skip


@pytest.mark.parametrize("name", SAMPLERS)
def test_no_sampler_has_more_registers_than_it_needs(name):
    table = SAMPLERS[name].table(np.append(np.geomspace(10, 0.1, 20), 0.0))
    assert table.registers == REGISTERS[name]


def test_without_noise_none_is_kept():
    table = SAMPLERS["dpmpp_sde"].table(LEVELS, eta=0.0)
    assert table.registers == 2
    assert not table.stochastic


def test_work_is_linear(monkeypatch):
    """Only what lives is looked at, however long the chain."""
    looked_at, share_out = [], registers._share_out

    def counted(point, alive, before):
        looked_at.append(len(alive))
        return share_out(point, alive, before)

    monkeypatch.setattr(registers, "_share_out", counted)
    make_table(lms, np.geomspace(80, 0.1, 1001))
    assert len(looked_at) == 1000
    assert max(looked_at) <= 4


def test_a_step_begins_with_the_last_question_at_its_level():
    table = make_table(heun, [3.0, 2.0, 1.0, 0.0])
    assert table.sigmas.tolist() == [3, 2, 2, 1, 1]
    assert table.ends_step.tolist() == [False, True, False, True, True]
    # With all noise the middle is the next level, but for rounding.
    levels = np.geomspace(80, 0.1, 30)
    table = make_table(dpm2, levels, eta=1.0)
    np.testing.assert_allclose(table.sigmas[1::2], levels[1:])
    np.testing.assert_array_equal(table.sigmas[::2], levels[:-1])
    assert table.step_rows.tolist() == list(range(2, 60, 2))


def test_numbers_multiply_and_values_add():
    x = Trace().start
    for number in (2, 2.0, np.float64(2.0), np.float32(2.0)):
        assert (number * x).parts() == {x: 2.0}
        assert (x / number).parts() == {x: 0.5}
    assert (x - x).parts() == {}
    with pytest.raises(TypeError):
        x + 1.0
    with pytest.raises(TypeError):
        x - np.ones(2)
    with pytest.raises(TypeError):
        x * x


def asks_elsewhere(x, sigmas):
    yield 2 * x, sigmas[0]
    return x


def asks_clean_data(x, sigmas):
    for sigma in sigmas:
        x = yield x, sigma
    return x


def asks_a_number(x, sigmas):
    yield x, sigmas[0]
    yield 3.0, sigmas[1]
    return x


def draws_twice(x, sigmas):
    yield x, sigmas[0]
    return noise_like(x) + noise_like(x)


def returns_nothing(x, sigmas):
    yield x, sigmas[0]


def never_asks(x, sigmas):
    yield from ()
    return x


def skips_a_level(x, sigmas):
    for sigma in sigmas[:-1:2]:
        x = yield x, sigma
    return x


@pytest.mark.parametrize(
    ("sampler", "words"),
    [
        (asks_elsewhere, "must first ask at the point it was given"),
        (asks_clean_data, "a noise level above 0. Received: Value, sigma=0.0"),
        (asks_a_number, "Received: float, sigma=1.0"),
        (draws_twice, "a second draw after question 1"),
        (returns_nothing, "1 questions, NoneType"),
        (never_asks, "0 questions, Value"),
        (skips_a_level, "must ask at every level but the last"),
    ],
)
def test_what_no_table_can_hold_is_refused(sampler, words):
    with pytest.raises(ValueError, match=words):
        make_table(sampler, [2.0, 1.0, 0.0])
