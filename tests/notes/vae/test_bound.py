"""The bounds, where `log p(x)` is known: a decoder that is a straight line.

With `p(x|z) = N(A z + b, v I)` the data are `N(b, A A' + v I)`, and with one
latent the posterior is a Gaussian that the encoder can hold exactly.
"""

import keras
import numpy as np
import pytest
from scipy import stats

from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.notes.vae import bound as vae_bound
from kerasnotes.notes.vae.config import VAEConfig
from kerasnotes.notes.vae.note import VAE
from tests.checks import to_numpy
from tests.specs import flat

SPEC = flat("t", "table", (3,), "float32", "class", ("a", "b"))
VARIANCE = 0.3
FAR = 20.0
"""Added before a ReLU and taken off after it: a straight line again."""
COUNT = 37


def set_line(network, first, last, matrix, offset):
    """Makes `dense, ReLU, dense` compute `matrix @ x + offset`."""
    width = matrix.shape[1]
    layer = network.get_layer(first)
    kernel = np.zeros(layer.kernel.shape, "float32")
    kernel[:width, :width] = np.eye(width)
    layer.set_weights([kernel, np.full(layer.bias.shape, FAR, "float32")])
    layer = network.get_layer(last)
    kernel = np.zeros(layer.kernel.shape, "float32")
    kernel[:width] = matrix.T
    layer.set_weights([kernel, offset - FAR * matrix.sum(axis=1)])


def make(latent=1, **config):
    """Returns a model, and what turns its latents into means."""
    keras.utils.set_random_seed(0)
    config = VAEConfig(latent=latent, widths=(4,), variance=VARIANCE, **config)
    model = VAE(config, SPEC, [0.0] * 3, [1.0] * 3)
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(3, latent)).astype("float32")
    offset = np.float32([0.5, -1.0, 0.2])
    set_line(model.decoder, "d_dense1", "d_last", matrix, offset)
    zero = np.zeros((latent, 3), "float32")
    to_mean, spread = zero, np.zeros(latent, "float32")
    shift = np.zeros(latent, "float32")
    if latent == 1:
        precision = 1 + np.square(matrix).sum() / VARIANCE
        to_mean = matrix.T / VARIANCE / precision
        shift = -to_mean @ offset
        spread[:] = -np.log(precision)
    set_line(model.encoder, "e_dense1", "e_mean", to_mean, shift)
    set_line(model.encoder, "e_dense1", "e_log_var", zero, spread)
    return model, matrix, offset


def make_split(matrix, offset, count=COUNT):
    rng = np.random.default_rng(2)
    z = rng.normal(size=(count, matrix.shape[1]))
    x = z @ matrix.T + offset + rng.normal(0, VARIANCE**0.5, (count, 3))
    return ArraySplit(x.astype("float32"), np.zeros(count, "int32"))


def log_evidence(split, matrix, offset):
    covariance = matrix @ matrix.T + VARIANCE * np.eye(3)
    return stats.multivariate_normal(offset, covariance).logpdf(split.x).mean()


def test_the_line_is_a_line():
    model, matrix, offset = make(latent=2)
    z = np.random.default_rng(0).normal(size=(5, 2)).astype("float32")
    found = to_numpy(model.decoder(z))
    np.testing.assert_allclose(found, z @ matrix.T + offset, atol=2e-5)


def test_with_the_true_posterior_every_bound_is_the_evidence():
    model, *line = make(importance=8)
    split = make_split(*line)
    right = -log_evidence(split, *line)
    found = model.measure(split, Conditions())
    # All weights are equal, whatever the noise: no Monte-Carlo error.
    assert found["negative_iwae"] == pytest.approx(right, abs=1e-3)
    total = found["reconstruction"] + found["kl"]
    assert found["negative_elbo"] == pytest.approx(total)
    assert found["negative_elbo"] == pytest.approx(right, abs=0.1)
    assert found["iwae_samples"] == 8
    assert found["active_latents"] == 1


def test_with_the_prior_for_a_posterior_the_bound_closes_slowly():
    split, right, gaps = None, None, []
    for samples in (2, 64, 4000):
        model, *line = make(latent=2, importance=samples)
        split = make_split(*line)
        right = -log_evidence(split, *line)
        found = model.measure(split, Conditions())
        assert found["kl"] == pytest.approx(0.0, abs=1e-6)
        assert found["active_latents"] == 0
        gaps.append(found["negative_iwae"] - right)
    assert gaps[0] > 2 * gaps[1] > 0.1
    assert abs(gaps[2]) < 0.03
    # E_p(z)[(x - A z - b)^2] = |x - b|^2 + |A|^2, the bound in closed form.
    matrix, offset = line
    away = np.square(split.x - offset).sum(axis=1) + np.square(matrix).sum()
    exact = 1.5 * np.log(2 * np.pi * VARIANCE) + away.mean() / VARIANCE / 2
    assert found["negative_elbo"] == pytest.approx(exact, rel=0.01)


def test_quick_is_one_sample_and_no_second_bound():
    model, *line = make()
    found = model.measure(make_split(*line), Conditions(quick=True))
    assert set(found) == {
        "negative_elbo",
        "reconstruction",
        "kl",
        "active_latents",
    }


def test_batches_and_chunks_change_nothing(monkeypatch):
    model, *line = make(latent=2, importance=40)
    split = make_split(*line)
    whole = model.measure(split, Conditions(seed=3))
    monkeypatch.setattr(vae_bound, "HELD", 16 * 3 * 8)
    monkeypatch.setattr(vae_bound, "CHUNK", 16)
    told = []
    conditions = Conditions(seed=3, progress=lambda *args: told.append(args))
    cut = model.measure(split, conditions)
    assert cut == pytest.approx(whole, rel=1e-5)
    assert told[0] == ("bounds", 8, COUNT)
    assert told[-1] == ("bounds", COUNT, COUNT)
    other = model.measure(split, Conditions(seed=4))
    assert other["negative_iwae"] != pytest.approx(whole["negative_iwae"])


def test_bits_are_drawn_once_for_all_samples_of_an_example():
    """Else the bound would be that of no data set at all."""
    spec = flat("i", "image", (2, 2, 1), "uint8", "class", ("a", "b"))
    config = VAEConfig(
        latent=1, network="mlp", binarize="stochastic", importance=64
    )
    model = VAE(config, spec, [0.0], [1.0])
    decoder = model.decoder.get_layer("d_last")
    decoder.set_weights([0 * w for w in decoder.get_weights()])
    decoder.bias.assign([9.0] * 4)
    encoder = model.encoder
    for name in ("e_mean", "e_log_var"):
        layer = encoder.get_layer(name)
        layer.set_weights([0 * w for w in layer.get_weights()])
    x = np.full((400, 2, 2, 1), 127.5, "float32")
    split = ArraySplit(x, np.zeros(400, "int32"))
    found = model.measure(split, Conditions())
    # All 64 weights of an example are equal; bits drawn anew would let
    # the luckiest of 64 drawings set the bound.
    assert found["negative_iwae"] == pytest.approx(
        found["negative_elbo"], rel=1e-5
    )
    # Half the pixels cost 9 nats each.
    assert found["negative_elbo"] == pytest.approx(18.0, rel=0.1)
