"""The bound for Gaussian data, whose best denoiser is known."""

import keras
import numpy as np
import pytest
from scipy.stats import norm

from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.diffusion.lookup import lookup
from kerasnotes.notes.ddpm.bound import Bound, log_likelihood
from kerasnotes.notes.ddpm.config import DDPMConfig
from kerasnotes.notes.ddpm.note import DDPM
from tests.specs import flat

DEVIATION = 0.6
STEPS = 400
COLUMNS = 4
SPEC = flat("points", "table", (COLUMNS,), "float32", "class", ("one",))


class Perfect(DDPM):
    """Knows that the data are `N(0, DEVIATION^2)`."""

    def predict_target(self, x_t, t, conditions, training=False):
        ac = self.process.schedule.alphas_cumprod
        best = np.sqrt(ac) * DEVIATION**2 / (ac * DEVIATION**2 + 1 - ac)
        return lookup(best, t, x_t) * x_t


def make(variance="fixed_small", model_class=Perfect):
    keras.utils.set_random_seed(0)
    config = DDPMConfig(
        parameterization="x_start",
        timesteps=STEPS,
        variance=variance,
        widths=[8],
        conditional=False,
    )
    return model_class(config, SPEC, [0.0] * COLUMNS, [1.0] * COLUMNS)


def make_split(count, seed=0):
    x = np.random.default_rng(seed).normal(0, DEVIATION, (count, COLUMNS))
    return ArraySplit(x.astype("float32"), np.zeros(count))


def exact(model, variance):
    """The three terms, nats per dimension, in closed form."""
    schedule, s2 = model.process.schedule, DEVIATION**2
    ac, betas = schedule.alphas_cumprod, schedule.betas
    error = s2 * (1 - ac) / (ac * s2 + 1 - ac)
    last = ac[-1]
    prior = 0.5 * (last * s2 + (1 - last) - 1 - np.log(1 - last))
    before = np.append(1.0, ac[:-1])
    true = (betas * (1 - before) / (1 - ac))[1:]
    ours = betas[1:] if variance == "fixed_large" else true
    factor = (np.sqrt(before) * betas / (1 - ac))[1:]
    steps = 0.5 * (
        np.log(ours / true) + (true + factor**2 * error[1:]) / ours - 1
    )
    width = max(true[0], error[0])
    decoder = 0.5 * (np.log(2 * np.pi * width) + error[0] / width)
    return np.array([prior, steps.sum(), decoder])


@pytest.mark.parametrize("variance", ["fixed_small", "fixed_large"])
def test_against_the_closed_form(variance):
    model = make(variance)
    conditions = Conditions(train=make_split(512, seed=1))
    result = model.measure(make_split(400), conditions)
    names = ("bits_prior", "bits_denoising", "bits_decoder")
    bits = np.array([result[name] for name in names])
    right = exact(model, variance)
    # 1,600 values and 8,000 times: errors of a percent or two of a nat.
    np.testing.assert_allclose(bits * np.log(2), right, atol=0.03)
    assert result["bits_per_dim"] == pytest.approx(bits.sum())


def test_it_is_an_upper_bound_and_near():
    model = make("fixed_large")
    entropy = 0.5 * np.log(2 * np.pi * np.e * DEVIATION**2)
    total = exact(model, "fixed_large").sum()
    assert 0 < total - entropy < 0.01
    conditions = Conditions(train=make_split(512, seed=1))
    result = model.measure(make_split(400), conditions)
    assert result["bits_per_dim"] * np.log(2) > entropy - 0.05


def test_quick_has_the_same_mean():
    model = make()
    slow = model.measure(make_split(3000), Conditions())
    quick = model.measure(make_split(3000), Conditions(quick=True))
    assert quick["bits_per_dim"] == pytest.approx(slow["bits_per_dim"], abs=0.1)


def test_a_number_of_an_example_does_not_depend_on_its_batch():
    model = make()
    bound, split = Bound(model.process, model.read_scaled), make_split(6)
    together = bound.terms(split, np.arange(6), 2)
    apart = bound.terms(split, np.array([4]), 2)
    np.testing.assert_allclose(apart[:, 0], together[:, 4], rtol=1e-4)


def test_a_worse_denoiser_has_more_bits():
    class Worse(Perfect):
        def predict_target(self, x_t, t, conditions, training=False):
            return 0.8 * super().predict_target(x_t, t, conditions)

    conditions = Conditions(train=make_split(64, seed=1))
    good, bad = (
        make(model_class=each).measure(make_split(100), conditions)
        for each in (Perfect, Worse)
    )
    assert bad["bits_per_dim"] > good["bits_per_dim"] + 0.1


@pytest.mark.once
def test_bins_against_scipy_and_sum_to_one():
    levels = np.arange(17) / 8 - 1.0
    for mean, deviation in ((0.3, 0.05), (-1.0, 0.5), (0.99, 0.2)):
        result = log_likelihood(levels, np.full(17, mean), deviation, 1 / 8)
        edges = np.append(-np.inf, (levels[1:] + levels[:-1]) / 2)
        edges = np.append(edges, np.inf)
        right = np.diff(norm.cdf(edges, mean, deviation))
        near = right > 1e-10
        np.testing.assert_allclose(np.exp(result)[near], right[near], rtol=1e-5)
        assert np.exp(result).sum() == pytest.approx(1.0)
        assert np.isfinite(result).all()


@pytest.mark.once
def test_far_bins_are_finite():
    result = log_likelihood(np.array([0.5]), np.array([-1.0]), 0.01, 1 / 8)
    right = norm.logsf(0.5 - 1 / 16, -1.0, 0.01)
    np.testing.assert_allclose(result, right, rtol=1e-6)


@pytest.mark.once
def test_densities_against_scipy():
    x, mean = np.array([0.0, 2.0]), np.array([0.5, -1.0])
    result = log_likelihood(x, mean, 0.7, None)
    np.testing.assert_allclose(result, norm.logpdf(x, mean, 0.7))
