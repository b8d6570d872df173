"""Every sampler against NumPy, and against closed form."""

import importlib

import numpy as np
import pytest

from kerasnotes.diffusion.noise_schedule import make_schedule
from kerasnotes.diffusion.samplers.catalog import SAMPLERS
from kerasnotes.diffusion.samplers.table import make_table
from kerasnotes.diffusion.sigmas import karras_sigmas, noise_levels

from . import oracles, running
from .gaussian_table import ERRORS, HIGH, KARRAS_10, LOW, SPREAD, SPREADS


def karras(steps):
    return running.levels_to_zero(karras_sigmas(LOW, HIGH, steps))


def start(rng, sigma, shape=(6, 3)):
    return rng.standard_normal(shape) * np.sqrt(1 + sigma**2)


@pytest.fixture(scope="module")
def gaussian_loop():
    return running.new_loop(running.keras_gaussian(SPREAD))


@pytest.fixture(scope="module")
def bent_loop():
    return running.new_loop(running.keras_bent)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", SAMPLERS)
def test_is_the_oracle(name, bent_loop):
    """A denoiser that bends: a wrong weight anywhere would show."""
    rng = np.random.default_rng(0)
    for sigmas in (karras(9), [5.0, 1.3, 0.4, 0.25], [3.0, 0.5], [2.0, 0.0]):
        table = running.make(name, sigmas)
        x = start(rng, sigmas[0])
        noise = rng.standard_normal((int(table.noisy.sum()), *x.shape))
        # Rows into clean data draw nothing; the oracle's do, times 0.
        draws = [*noise, np.zeros_like(x)]
        want = oracles.reverse(name, oracles.bent, x, sigmas, draws)
        got = running.run_loop(bent_loop, table, x, noise=noise)
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9)


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("ddim", {"eta": 0.7}),
        ("ddim", {"eta": 1.0}),
        ("ddpm", {"variance": "fixed_large"}),
        ("dpmpp_2m_sde", {"eta": 0.5}),
        ("dpmpp_2m_sde", {"eta": 0.0}),
        ("dpmpp_3m_sde", {"eta": 0.5}),
    ],
)
def test_options_are_the_oracles(name, options, bent_loop):
    rng, sigmas = np.random.default_rng(1), [9.0, 2.0, 0.9, 0.3, 0.0]
    table = running.make(name, sigmas, **options)
    x = start(rng, sigmas[0])
    noise = rng.standard_normal((4, *x.shape))
    want = oracles.reverse(name, oracles.bent, x, sigmas, noise, **options)
    noise = noise[: table.noisy.sum()]
    got = running.run_loop(bent_loop, table, x, noise=noise)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-9)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_k_diffusions(name, gaussian_loop):
    """As printed, and to 1e-6 of the formulae written out."""
    for steps, printed in ERRORS[name].items():
        sigmas = karras(steps)
        x = start(np.random.default_rng(2), sigmas[0])
        exact = x * SPREAD / np.hypot(SPREAD, sigmas[0])
        got = running.run_loop(gaussian_loop, running.make(name, sigmas), x)
        error = np.abs(got / exact - 1).max()
        assert f"{error:.2e}" == printed
        want = oracles.reverse(name, oracles.gaussian(SPREAD), x, sigmas)
        oracle = np.abs(want / exact - 1).max()
        assert error == pytest.approx(oracle, rel=1e-6)


@pytest.mark.once
@pytest.mark.parametrize("name", SPREADS)
def test_spreads_are_k_diffusions(name):
    """Ours without sampling error; theirs from 20,000 samples."""
    options = {"brownian": False} if name == "dpmpp_sde" else {}
    for steps, printed in SPREADS[name].items():
        sigmas = karras(steps)
        spread = np.hypot(SPREAD, sigmas[0])
        table = _unchecked(name, sigmas, options)
        got = running.exact_spread(table, SPREAD, spread)
        # Four standard errors of a standard deviation, and the rounding.
        assert got == pytest.approx(printed, abs=4 * got / 200 + 5e-4)


def _unchecked(name, sigmas, options):
    """A table with options that the catalog does not offer."""
    module = importlib.import_module(f"kerasnotes.diffusion.samplers.{name}")
    return make_table(getattr(module, name), sigmas, **options)


@pytest.mark.once
def test_a_shared_brownian_path_is_nearer_the_truth():
    spreads = [
        running.exact_spread(
            _unchecked("dpmpp_sde", karras(10), {"brownian": path}), SPREAD, 15
        )
        for path in (True, False)
    ]
    assert spreads == pytest.approx([0.469, 0.391], abs=1e-3)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", SPREADS)
def test_samples_have_the_exact_spread(name, gaussian_loop):
    """One stream of noise, 10,000 samples, four standard errors."""
    rng, sigmas = np.random.default_rng(3), karras(10)
    table = running.make(name, sigmas)
    first = np.hypot(SPREAD, sigmas[0])
    x = first * rng.standard_normal((10_000, 1))
    noise = rng.standard_normal((int(table.noisy.sum()), *x.shape))
    got = running.run_loop(gaussian_loop, table, x, noise=noise).std()
    want = running.exact_spread(table, SPREAD, first)
    assert got == pytest.approx(want, rel=4 / np.sqrt(20_000))


ORDERS = {name: s.order for name, s in SAMPLERS.items() if name != "ddpm"}


@pytest.mark.once
@pytest.mark.parametrize(("name", "order"), ORDERS.items())
def test_error_falls_with_the_order(name, order):
    """Between smooth levels and without noise, as steps double."""
    if name == "pndm":
        # Order 4 at even levels in sigma only.
        order = 2
    options = {"eta": 0.0} if "eta" in SAMPLERS[name].options else {}
    errors = []
    for steps in (80, 160, 320):
        sigmas = np.exp(np.linspace(np.log(80), np.log(0.1), steps + 1))
        table = running.make(name, sigmas, **options)
        got = running.exact_spread(table, SPREAD, np.hypot(SPREAD, 80))
        errors.append(abs(got / np.hypot(SPREAD, 0.1) - 1))
    fall = np.log2(errors[0] / errors[2]) / 2
    assert order - 0.3 < fall < order + 0.9


def exact_x(sigma):
    return np.hypot(SPREAD, sigma)


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "order", "options"),
    [
        ("pndm", 4, {}),
        ("dpmpp_3m_sde", 2, {"eta": 0.0}),
        ("dpmpp_3m_sde", 3, {"eta": 0.0, "bend": 2.0}),
    ],
)
def test_multistep_order_from_an_exact_past(name, order, options):
    """The first steps aside, which are of lower order."""
    # Even in sigma for pndm, which assumes it, in its logarithm else.
    even = np.linspace if name == "pndm" else np.geomspace
    skip = 3 if name == "pndm" else 2
    errors = []
    for steps in (60, 120):
        sigmas = even(4.0, 0.3, steps + 1)
        table = _unchecked(name, sigmas, options)
        first = table.evaluations - steps + skip
        registers = np.zeros(table.registers)
        for row, sigma in enumerate(table.sigmas):
            if row <= first:
                registers[0] = exact_x(sigma)
            denoised = running.gaussian(registers[0], sigma, SPREAD)
            answers = np.append(registers, denoised)
            registers = table.weights[row][:, : len(answers)] @ answers
        errors.append(abs(registers[0] / exact_x(0.3) - 1))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.4)


@pytest.mark.once
def test_karras_levels():
    np.testing.assert_allclose(karras(10), KARRAS_10, atol=5e-5)


@pytest.mark.once
def test_ddim_with_all_noise_is_ddpm():
    """On the full chain, and on a thinned one; also Euler ancestral."""
    schedule = make_schedule("linear", 200)
    for steps in (200, 17):
        sigmas = noise_levels(schedule, steps, "uniform")
        ddpm = running.make("ddpm", sigmas)
        for twin in ("ddim", "euler_ancestral"):
            table = running.make(twin, sigmas, eta=1.0)
            np.testing.assert_allclose(
                table.weights, ddpm.weights, rtol=1e-9, atol=1e-12
            )


@pytest.mark.once
def test_ddim_without_noise_is_euler():
    sigmas = karras(12)
    euler, ddim = running.make("euler", sigmas), running.make("ddim", sigmas)
    np.testing.assert_allclose(
        ddim.weights[..., :2], euler.weights[..., :2], atol=1e-12
    )


@pytest.mark.once
@pytest.mark.parametrize("name", SAMPLERS)
def test_tables_are_finite_and_as_described(name):
    sampler = SAMPLERS[name]
    for schedule in ("linear", "cosine"):
        for steps in (1, 2, 3, 30):
            sigmas = noise_levels(
                make_schedule(schedule, 1000), steps, sampler.spacing
            )
            table = sampler.table(sigmas)
            assert np.isfinite(table.weights).all()
            assert len(table.step_rows) == steps
            assert table.step_rows[-1] == table.evaluations
            assert table.after[-1] == 0
            assert not table.noisy[-1]
            assert table.stochastic == (sampler.stochastic and steps > 1)
    calls = (sampler.evaluations - 1) * 29 + 30 + (name == "pndm")
    assert table.evaluations == calls


@pytest.mark.once
@pytest.mark.parametrize("name", SAMPLERS)
def test_a_constant_denoiser_is_reached(name):
    """Weights of every row sum to 1 in data: a shifted world is the same."""
    table = running.make(name, karras(6))
    data = 3.0
    registers = np.zeros(table.registers)
    registers[0] = data + 15.0
    for weights in table.weights:
        registers = weights[:, :-2] @ registers + weights[:, -2] * data
    assert registers[0] == pytest.approx(data, abs=1e-9)
