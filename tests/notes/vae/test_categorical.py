"""Latents that are categories: the bound by enumeration, draws, saving."""

import itertools

import keras
import numpy as np
import pytest
from keras import ops

from kerasnotes.base.errors import UsageError
from kerasnotes.contracts.generation import Request
from kerasnotes.contracts.report import Conditions
from kerasnotes.data.dataset import ArraySplit
from kerasnotes.notes.vae.config import VAEConfig
from kerasnotes.notes.vae.note import VAE
from tests.checks import to_numpy
from tests.specs import flat

SPEC = flat("i", "image", (4, 4, 1), "uint8", "class", ("a", "b"))
X = np.random.default_rng(0).integers(0, 256, (6, 4, 4, 1)).astype("float32")


def make(**settings):
    keras.utils.set_random_seed(0)
    settings = {
        "latent_kind": "categorical",
        "latent": 2,
        "categories": 3,
        "network": "mlp",
        "widths": [8],
        "binarize": "threshold",
        **settings,
    }
    return VAE(VAEConfig(**settings), SPEC, [0.0], [1.0])


def enumerated(model):
    """Returns -log p(x) and the exact negative ELBO, nats, `(N,)` each."""
    x = ops.convert_to_numpy(model.observe(X, None))
    q = to_numpy(model.encoder(x)["logits"]).reshape(-1, 2, 3).astype("float64")
    q = np.exp(q) / np.exp(q).sum(axis=-1, keepdims=True)
    terms, elbo = [], 0.0
    for pair in itertools.product(range(3), repeat=2):
        z = np.eye(3, dtype="float32")[list(pair)].reshape(1, 6)
        answer = model.decoder(np.repeat(z, len(x), axis=0))
        score = to_numpy(model.log_likelihood(x, answer)).astype("float64")
        p = q[:, 0, pair[0]] * q[:, 1, pair[1]]
        terms.append(score - 2 * np.log(3))
        elbo = elbo + p * (score - 2 * np.log(3) - np.log(p))
    return -np.logaddexp.reduce(terms, axis=0), -elbo


def test_the_bounds_are_those_of_all_draws():
    model = make(importance=512)
    split = ArraySplit(X.astype("uint8"), np.zeros(6, int))
    found = model.measure(split, Conditions())
    exact, elbo = enumerated(model)
    assert found["negative_iwae"] == pytest.approx(exact.mean(), abs=0.08)
    assert found["negative_elbo"] == pytest.approx(elbo.mean(), abs=0.2)
    assert exact.mean() <= elbo.mean()


def test_it_learns_and_measures_less():
    model = make(latent=4, categories=4, widths=[32])
    split = ArraySplit(X.astype("uint8"), np.zeros(6, int))
    before = model.measure(split, Conditions())["negative_elbo"]
    model.compile(keras.optimizers.Adam(0.02))
    data = {"x": X, "y": np.zeros(6)}
    model.fit(data, np.zeros(6), epochs=150, batch_size=6, verbose=0)
    after = model.measure(split, Conditions())
    assert after["negative_elbo"] < 0.75 * before
    assert after["active_latents"] >= 1


def test_draws_are_one_of_each_and_decoded():
    model = make()
    noise = np.random.default_rng(0).standard_normal((9000, 6), "float32")
    z = to_numpy(model.latents.prior(noise)).reshape(-1, 2, 3)
    np.testing.assert_array_equal(z.sum(axis=-1), 1)
    np.testing.assert_allclose(z.mean(axis=0), 1 / 3, atol=0.03)
    values = model.generate(Request(count=5, seed=3)).values
    assert values.shape == (5, 4, 4, 1)
    again = model.generate(Request(count=3, seed=3)).values
    np.testing.assert_array_equal(values[:3], again)
    told = model.encode(X)
    np.testing.assert_allclose(
        told["mean"].reshape(-1, 2, 3).sum(axis=-1), 1, atol=1e-5
    )


def test_it_is_saved_and_served(tmp_path):
    model = make(straight_through=True)
    model.save(tmp_path / "model.keras")
    twin = keras.saving.load_model(tmp_path / "model.keras")
    for name, value in model.encode(X).items():
        np.testing.assert_allclose(twin.encode(X)[name], value, atol=1e-6)
    encode = model.serving_models()["encode"]
    assert encode(X)["logits"].shape == (6, 6)


@pytest.mark.once
def test_too_many_are_refused():
    with pytest.raises(UsageError, match="too many categories"):
        make(latent=1000, categories=1000)
